/** Why a start was refused. Each message is one sentence that says what to do. */
export type CloudErrorCode =
  | 'AssemblyUnreadable'
  | 'TemplateUnsupported'
  | 'PortTaken'
  | 'StateFolderInUse'
  | 'StateFolderUnusable'
  | 'TableDiffers'
  | 'EngineUnavailable';

export class CloudError extends Error {
  readonly code: CloudErrorCode;

  constructor(code: CloudErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = code;
    this.code = code;
  }
}

/** What a port is for; the command that starts the cloud knows which setting changes it. */
export type PortRole = 'aws' | 'api';

export class PortTaken extends CloudError {
  readonly port: number;
  readonly role: PortRole;

  constructor(role: PortRole, port: number) {
    super('PortTaken', `Port ${port}, wanted for the ${role} endpoint, is taken; choose another one.`);
    this.port = port;
    this.role = role;
  }
}

/** Everything in the template that cannot be stood up here, in one report. */
export class TemplateUnsupported extends CloudError {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super('TemplateUnsupported', ['The template needs what does not exist here:', ...faults].join('\n  '));
    this.faults = faults;
  }
}
