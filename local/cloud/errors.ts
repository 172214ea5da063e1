/** Why the cloud could not start. Each message is one sentence that says what is wrong. */
export type CloudErrorCode =
  | 'AssemblyUnreadable'
  | 'TemplateUnsupported'
  | 'PortTaken'
  | 'StateFolderInUse'
  | 'StateFolderUnusable'
  | 'TableDiffers'
  | 'EngineUnavailable'
  | 'EngineLost';

export class CloudError extends Error {
  readonly code: CloudErrorCode;

  constructor(code: CloudErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = code;
    this.code = code;
  }
}

/** The command that starts the cloud knows which setting changes the port of each role. */
export type PortRole = 'aws' | 'api';

export class PortTaken extends CloudError {
  readonly port: number;
  readonly role: PortRole;

  constructor(role: PortRole, port: number) {
    super(
      'PortTaken',
      `Port ${port}, needed for the ${role} endpoint, is already in use; choose another one.`,
    );
    this.port = port;
    this.role = role;
  }
}

/** Lists everything in the template that cannot run here. */
export class TemplateUnsupported extends CloudError {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      'TemplateUnsupported',
      ['The template uses features that are not supported here:', ...faults].join('\n  '),
    );
    this.faults = faults;
  }
}
