import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { DEFAULT_PROVIDERS } from '@aws-lambda-powertools/parameters/base';
import { afterAll, beforeAll, vi } from 'vitest';
import * as z from 'zod';
import { listen } from './http.ts';

const Request = z.object({ SecretId: z.string() });

/** Runs a Secrets Manager for the tests of a file. @returns its content, by secret id. */
export function useSecretsManager(): Map<string, object> {
  const secrets = new Map<string, object>();
  const server = createServer(async (request, response) => {
    const { SecretId } = Request.parse(await json(request));
    response
      .setHeader('content-type', 'application/x-amz-json-1.1')
      .end(JSON.stringify({ SecretString: JSON.stringify(secrets.get(SecretId)) }));
  });

  beforeAll(async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', await listen(server));
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  });
  afterAll(() => {
    // Powertools keeps its client, which would send the requests of other files to this server.
    Reflect.deleteProperty(DEFAULT_PROVIDERS, 'secrets');
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  return secrets;
}
