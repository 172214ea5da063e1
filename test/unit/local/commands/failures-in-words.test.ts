import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../../local/cloud/errors.ts';
import { describeFailure } from '../../../../local/failures.ts';
import { StateDamaged } from '../../../../local/files.ts';

const systemError = (code: string, path?: string) =>
  Object.assign(new Error(`${code}: mkdir`), { code, syscall: 'mkdir', ...(path && { path }) });

describe('a failure in words', () => {
  it('names the command that removes a table which has to be created again', () => {
    const sentence = describeFailure(
      new CloudError('TableDiffers', 'Table t has other keys than the template.'),
    );
    expect(sentence).toMatch(/^Table t has other keys than the template\. Run npm run reset[^\n]*$/);
  });

  it('names a damaged file', () => {
    expect(describeFailure(new StateDamaged('/state/cloud/cloud.json is damaged.'))).toMatch(
      /^\/state\/cloud\/cloud\.json is damaged\. Run npm run reset[^\n]*$/,
    );
  });

  it.each([
    ['EACCES', 'this user has no permission'],
    ['EROFS', 'the file system is read-only'],
    ['ENOTDIR', 'a part of the path is a file'],
  ])('says what %s means', (code, words) => {
    expect(describeFailure(systemError(code, '/a/file'))).toBe(`/a/file cannot be used: ${words} (${code}).`);
    const cause = systemError(code, '/state');
    const unusable = new CloudError('StateFolderUnusable', 'The state folder /state cannot be used', {
      cause,
    });
    expect(describeFailure(unusable)).toBe(
      `The state folder /state cannot be used, because ${words}: set LOCAL_STATE_FOLDER to a folder that you may write to.`,
    );
  });

  it.each(['ENOSPC', 'EDQUOT'])('says that the disk is full for %s, wherever it happened', (code) => {
    const cause = systemError(code);
    const unusable = new CloudError('StateFolderUnusable', 'The state folder /state cannot be used', {
      cause,
    });
    for (const error of [cause, unusable]) expect(describeFailure(error)).toMatch(/^The disk is full: /);
  });

  it('is the stack trace of a failure that nobody can fix', () => {
    expect(describeFailure(new Error('a bug'))).toContain('    at ');
  });
});
