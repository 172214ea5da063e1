import type { IncomingMessage } from 'node:http';
import type { Answer } from './aws-service.ts';

/** A service with the AWS Query protocol, which older services such as SNS use: requests are forms, answers are XML. */
export interface QueryService {
  /** Its name in the signature of a request. */
  name: string;
  /** Of the XML. */
  namespace: string;
  /** Each operation takes the fields of the form, and returns the fields of its result. */
  operations: Record<string, (input: Record<string, string>) => Record<string, string>>;
}

interface QueryCall {
  service: string;
  operation: string;
  input: Record<string, string>;
}

/** The service that the signature of a request names. */
export const serviceOf = ({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined =>
  /Credential=[^/]*\/\d+\/[^/]*\/([^/]+)\//.exec(headers.authorization ?? '')?.[1];

/** @returns undefined if the request is of another protocol. */
export function parseQuery(incoming: IncomingMessage, body: Buffer): QueryCall | undefined {
  const service = serviceOf(incoming);
  const isForm = String(incoming.headers['content-type']).startsWith('application/x-www-form-urlencoded');
  if (service === undefined || !isForm) return undefined;
  const { Action, Version: _, ...input } = Object.fromEntries(new URLSearchParams(body.toString()));
  return Action === undefined ? undefined : { service, operation: Action, input };
}

/** https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#response-serialization */
export function queryAnswer(
  { operation }: Pick<QueryCall, 'operation'>,
  result: { namespace: string; fields: Record<string, string> },
  requestId: string,
): Answer {
  const fields = Object.entries(result.fields).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`);
  const body = [
    `<${operation}Response xmlns="${result.namespace}">`,
    `<${operation}Result>${fields.join('')}</${operation}Result>`,
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`,
    `</${operation}Response>`,
  ].join('');
  return { status: 200, headers: { 'content-type': 'text/xml' }, body };
}

export const escapeXml = (text: string): string =>
  text.replace(/[<&]/g, (character) => `&#${character.charCodeAt(0)};`);
