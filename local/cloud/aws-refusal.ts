import type { IncomingMessage } from 'node:http';
import { type Answer, AwsError } from './aws-service.ts';
import { escapeXml, serviceOf } from './query-protocol.ts';

/** The operation that a client asked for, and how to report an error in the protocol that it used. */
interface ClientRequest {
  operation: string;
  answer(error: AwsError, requestId: string): Answer;
}

/**
 * Refuses an operation that no service here has. The error names the operation, in the protocol of the client.
 * https://smithy.io/2.0/aws/protocols/index.html
 */
export function refuseOperation(incoming: IncomingMessage, body: Buffer, requestId: string): Answer {
  const { operation, answer } = parseClientRequest(incoming, body);
  const error = new AwsError('UnknownOperationException', `${operation} is not supported here.`);
  const refusal = answer(error, requestId);
  return { ...refusal, headers: { 'x-amzn-errortype': error.type, ...refusal.headers } };
}

function parseClientRequest({ method, headers, url = '/' }: IncomingMessage, body: Buffer): ClientRequest {
  const target = headers['x-amz-target'];
  if (target !== undefined)
    return { operation: String(target), answer: inJson(400, headers['content-type']) };
  const service = serviceOf({ headers }) ?? 'HTTP';
  const rpc = /^\/service\/([^/]+)\/operation\/([^/?]+)/.exec(url);
  if (headers['smithy-protocol'] === 'rpc-v2-cbor' && rpc !== null) {
    return { operation: `${rpc[1]}.${rpc[2]} (in CBOR, which is not supported here)`, answer: inCbor };
  }
  const action = new URLSearchParams(body.toString()).get('Action');
  if (action !== null) return { operation: `${service}.${action}`, answer: inXml(400, 'ErrorResponse') };
  const operation = `${service} ${method} ${url.replace(/\?.*/, '')}`;
  return { operation, answer: service === 's3' ? inXml(404) : inJson(404, undefined) };
}

const inJson =
  (status: number, contentType = 'application/json'): ClientRequest['answer'] =>
  ({ type, message }) => ({
    status,
    headers: { 'content-type': contentType },
    body: JSON.stringify({ __type: type, message }),
  });

export const inXml =
  (status: number, wrapper = ''): ClientRequest['answer'] =>
  ({ type, message }, requestId) => {
    const error = `<Error><Code>${type}</Code><Message>${escapeXml(message)}</Message></Error>`;
    return {
      status,
      headers: { 'content-type': 'text/xml' },
      body: wrapper ? `<${wrapper}>${error}<RequestId>${requestId}</RequestId></${wrapper}>` : error,
    };
  };

/** A map of two text fields with two-byte lengths. https://www.rfc-editor.org/rfc/rfc8949 */
const inCbor: ClientRequest['answer'] = ({ type, message }) => ({
  status: 400,
  headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
  body: Buffer.concat([Buffer.of(0xa2), ...['__type', type, 'message', message].map(cborText)]),
});

function cborText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(0x79, bytes.length >> 8, bytes.length & 0xff), bytes]);
}
