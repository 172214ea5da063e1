import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { FUNCTIONS, type FunctionName, handlerPath } from '../functions/shared/contract/functions.ts';
import { digestOf } from './source-digest.ts';

const ROOT = join(import.meta.dirname, '..');

/** Everything that a bundle depends on. npm records the installed packages in node_modules/.package-lock.json. */
const SOURCES = [
  'functions',
  'tsconfig.json',
  'node_modules/.package-lock.json',
  relative(ROOT, import.meta.filename),
];

/**
 * Modules that the AWS SDK imports on demand, and that these functions never need: Lambda passes credentials in
 * environment variables, and no operation that is called streams events. docs/decisions/0010 has the details.
 */
const NEVER_LOADED = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
  '@smithy/core/event-streams',
];

/** REST methods that the functions call, by group. Octokit's list of all methods would be a sixth of each bundle. */
export const REST_METHODS: Readonly<Record<string, readonly string[]>> = {
  apps: ['listReposAccessibleToInstallation'],
  git: ['getBlob'],
  orgs: ['createWebhook', 'get', 'getMembershipForAuthenticatedUser', 'updateWebhook'],
  repos: ['createWebhook', 'updateWebhook'],
};

/** Shortens Octokit's list of REST methods. If Octokit moves the list, the bundles grow, and a test of their size fails. */
const usedRestMethods: Plugin = {
  name: 'used-rest-methods',
  setup: ({ onLoad }) => {
    onLoad(
      { filter: /plugin-rest-endpoint-methods\/dist-src\/generated\/endpoints\.js$/ },
      async ({ path }) => {
        const { default: groups } = await import(pathToFileURL(path).href);
        const used = Object.entries(REST_METHODS).map(([group, methods]) => [
          group,
          Object.fromEntries(methods.map((method) => [method, groups[group][method]])),
        ]);
        return { contents: `export default ${JSON.stringify(Object.fromEntries(used))};` };
      },
    );
  },
};

/**
 * Parts of Octokit that are never called. GitHub Apps can also act for users who sign in; without that code, no route takes
 * the client secret of an App. Pages are read by functions/github/pages.ts, and requests are not logged.
 */
const UNUSED_OCTOKIT: Readonly<Record<string, string>> = {
  'auth-oauth-app': 'export const createOAuthAppAuth = () => undefined;',
  'auth-oauth-user':
    'export const createOAuthUserAuth = undefined; export const requiresBasicAuth = () => false;',
  'plugin-paginate-rest': 'export const paginateRest = () => ({});',
  'plugin-request-log': 'export const requestLog = () => ({});',
};

const withoutUnusedOctokit: Plugin = {
  name: 'without-unused-octokit',
  setup: ({ onLoad }) => {
    for (const [name, contents] of Object.entries(UNUSED_OCTOKIT)) {
      onLoad({ filter: new RegExp(`@octokit/${name}/(?:dist-bundle|dist-src)/index\\.js$`) }, () => ({
        contents,
      }));
    }
  },
};

/**
 * Parts of the AWS SDK that are never used. Each client contains its whole package.json, but reads only the version. The
 * discovery of endpoints is off unless a setting turns it on. Digests in JavaScript are for platforms without node:crypto.
 * Signatures for several regions are only needed for global endpoints of EventBridge. Lambda sets the region, so that the
 * instance metadata is not needed. Nothing uses the adaptive retry mode, or S3. Only event streams sign headers of their
 * own.
 */
const UNUSED_SDK: Readonly<Record<string, string>> = {
  'core/dist-es/.*/getInstanceMetadataRegion':
    'export const getInstanceMetadataRegion = async () => undefined;',
  'core/dist-es/.*/DefaultRateLimiter': 'export class DefaultRateLimiter {}',
  'core/dist-es/.*/util-retry/AdaptiveRetryStrategy': 'export class AdaptiveRetryStrategy {}',
  'core/dist-es/.*/service-customizations/index': 'export const resolveParamsForS3 = undefined;',
  'signature-v4/dist-es/HeaderFormatter': 'export class HeaderFormatter {}',
};

const withoutUnusedSdk: Plugin = {
  name: 'without-unused-sdk',
  setup: ({ onLoad }) => {
    onLoad({ filter: /@aws-sdk\/client-[^/]+\/package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
    onLoad({ filter: /@smithy\/core\/dist-es\/.*\/(?:Sha256|Md5)Js\.js$/ }, ({ path }) => ({
      contents: `export const ${basename(path, '.js')} = undefined;`,
    }));
    for (const [name, contents] of Object.entries(UNUSED_SDK)) {
      onLoad({ filter: new RegExp(`@smithy/${name}\\.js$`) }, () => ({ contents }));
    }
    onLoad({ filter: /@aws-sdk\/signature-v4-multi-region\/dist-es\/index\.js$/ }, ({ path }) => ({
      contents: `import { SignatureV4 } from '@smithy/signature-v4';
        export class SignatureV4MultiRegion extends SignatureV4 { static sigv4aDependency() { return 'none'; } }`,
      resolveDir: dirname(path),
    }));
    onLoad({ filter: /@aws-sdk\/endpoint-cache\/dist-es\/index\.js$/ }, () => ({
      contents: 'export class EndpointCache {}',
    }));
  },
};

// CommonJS packages in a bundle call require, which ES modules do not have.
const DEFINE_REQUIRE =
  "import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url);";

const OPTIONS = {
  absWorkingDir: ROOT,
  entryPoints: Object.fromEntries(FUNCTIONS.map((name) => [`${name}/index`, handlerPath(name)])),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  external: NEVER_LOADED,
  plugins: [usedRestMethods, withoutUnusedOctokit, withoutUnusedSdk],
  // Licenses are kept in a file beside the bundle.
  legalComments: 'external',
  banner: { js: DEFINE_REQUIRE },
} satisfies BuildOptions;

/** The folder that holds the bundle of a function, and nothing else. */
export type BundleFolders = (name: FunctionName) => string;

/** Bundles all functions in one run of esbuild, unless the cache has bundles of the same sources. */
export async function bundleFunctions(cache = join(ROOT, 'cdk.out', 'bundles')): Promise<BundleFolders> {
  const folder = join(cache, digestOf(SOURCES));
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true });
    const unfinished = await mkdtemp(`${folder}-unfinished-`);
    await build({ ...OPTIONS, outdir: unfinished });
    // Fails if another process has bundled the same sources meanwhile.
    await rename(unfinished, folder).catch(unless('ENOTEMPTY', 'EEXIST'));
    await removeOutdated(cache, folder);
  }
  return (name) => join(folder, name);
}

const HOUR_MS = 3_600_000;

/** Removes bundles of other sources, and what interrupted runs have left. Newer folders may be in use right now. */
async function removeOutdated(cache: string, current: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const folder = join(cache, name);
    if (folder !== current) await removeIfOld(folder).catch(unless('ENOENT'));
  }
}

async function removeIfOld(folder: string): Promise<void> {
  const { mtimeMs } = await stat(folder);
  if (Date.now() - mtimeMs < HOUR_MS) return;
  // An interrupted removal must not leave half a folder under the name of its sources.
  const removed = `${folder}-removed`;
  await rename(folder, removed);
  await rm(removed, { recursive: true });
}

/** For `catch`: ignores errors with one of these codes. */
const unless =
  (...codes: readonly string[]) =>
  (error: NodeJS.ErrnoException): void => {
    if (error.code === undefined || !codes.includes(error.code)) throw error;
  };
