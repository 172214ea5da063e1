import type { IncomingMessage } from 'node:http';
import { AwsError } from './aws-service.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** How a client asks for an operation: the protocols of AWS differ in that, and in how they tell an error. */
interface Asking {
  operation: string;
  answer(error: AwsError, requestId: string): Answer;
}

/**
 * Refuses, by name and in the client's own protocol, what no service here answers.
 * https://smithy.io/2.0/aws/protocols/index.html
 */
export function refuse(incoming: IncomingMessage, body: Buffer, requestId: string): Answer {
  const { operation, answer } = readAsking(incoming, body);
  const error = new AwsError('UnknownOperationException', `${operation} does not run here.`);
  const refusal = answer(error, requestId);
  return { ...refusal, headers: { 'x-amzn-errortype': error.type, ...refusal.headers } };
}

function readAsking({ method, headers, url = '/' }: IncomingMessage, body: Buffer): Asking {
  const target = headers['x-amz-target'];
  if (target !== undefined)
    return { operation: String(target), answer: inJson(400, headers['content-type']) };
  // Who signs a request says for which service.
  const service = /Credential=[^/]*\/\d+\/[^/]*\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'HTTP';
  const rpc = /^\/service\/([^/]+)\/operation\/([^/?]+)/.exec(url);
  if (headers['smithy-protocol'] === 'rpc-v2-cbor' && rpc !== null) {
    return { operation: `${rpc[1]}.${rpc[2]} (in CBOR, which nothing here speaks)`, answer: inCbor };
  }
  const action = new URLSearchParams(body.toString()).get('Action');
  if (action !== null) return { operation: `${service}.${action}`, answer: inXml(400, 'ErrorResponse') };
  const operation = `${service} ${method} ${url.replace(/\?.*/, '')}`;
  return { operation, answer: service === 's3' ? inXml(404) : inJson(404, undefined) };
}

const inJson =
  (status: number, contentType = 'application/json'): Asking['answer'] =>
  ({ type, message }) => ({
    status,
    headers: { 'content-type': contentType },
    body: JSON.stringify({ __type: type, message }),
  });

const inXml =
  (status: number, around = ''): Asking['answer'] =>
  ({ type, message }, requestId) => {
    const text = message.replace(/[<&]/g, (character) => `&#${character.charCodeAt(0)};`);
    const error = `<Error><Code>${type}</Code><Message>${text}</Message></Error>`;
    return {
      status,
      headers: { 'content-type': 'text/xml' },
      body: around ? `<${around}>${error}<RequestId>${requestId}</RequestId></${around}>` : error,
    };
  };

/** A map of two texts, whose lengths take two bytes. https://www.rfc-editor.org/rfc/rfc8949 */
const inCbor: Asking['answer'] = ({ type, message }) => ({
  status: 400,
  headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
  body: Buffer.concat([Buffer.of(0xa2), ...['__type', type, 'message', message].map(cborText)]),
});

function cborText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(0x79, bytes.length >> 8, bytes.length & 0xff), bytes]);
}
