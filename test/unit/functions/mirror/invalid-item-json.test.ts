import { describe, expect, it } from 'vitest';
import { readItemJson } from '../../../../functions/mirror/item-json.ts';
import type { Reason } from '../../../../functions/shared/contract/job-execution.ts';
import { bytesOf, fileOf, MINIMAL_ITEM } from '../../../support/item-json.ts';

const read = (text: string) => readItemJson(bytesOf(text));
const failed = (reason: Reason, message: string) => ({ kind: 'failed', failure: { reason, message } });
const invalid = (message: string) => failed('ITEM_JSON_INVALID', message);

describe('an invalid item.json', () => {
  it.each([
    ['empty', '', 'the file is empty'],
    ['a byte order mark only', '\ufeff', 'the file is empty'],
    ['blank', ' \r\n\t', 'the file is empty'],
    ['not JSON', 'id: 204981', 'the file is not JSON'],
    ['with a trailing comma', '{"id":"204981",\n  "type":"mc",}', 'the file is not JSON (line 2 column 15)'],
    ['with two byte order marks', '\ufeff\ufeff{}', 'the file is not JSON'],
    [
      'a committed merge conflict',
      '{\n<<<<<<< HEAD\n"id":"1"\n=======\n"id":"2"\n>>>>>>> main\n}',
      'the file has an unresolved merge conflict (line 2)',
    ],
    [
      'the rest of a merge conflict',
      '{"id":"1"}\n>>>>>>> main',
      'the file has an unresolved merge conflict (line 2)',
    ],
    ['text with an underlined heading', 'Notes\n=======\n', 'the file is not JSON'],
    ['HTML', ' <!DOCTYPE html>\n<p>', 'the file is HTML or XML, not JSON'],
    ['UTF-16 without a byte order mark', '{\0"\0i\0d\0', 'the file is UTF-16, not UTF-8'],
    ['big-endian UTF-16 without a byte order mark', '\0{\0"\0i\0d', 'the file is UTF-16, not UTF-8'],
    ['an encrypted file', '\0GITCRYPT\0', 'the file is binary, not text'],
    ['an array', '[{"id":"204981","type":"mc"}]', 'the file: expected object, received array'],
    ['a string', '"{}"', 'the file: expected object, received string'],
    ['null', 'null', 'the file: expected object, received null'],
    ['a number', '204981', 'the file: expected object, received number'],
    ['an empty object', '{}', 'id: missing or empty; type: missing or empty'],
    ['nested lists', '['.repeat(10_000), 'the file is nested more than 100 levels deep'],
    [
      'nested lists and objects',
      `${'[{"a":'.repeat(10_000)}1${'}]'.repeat(10_000)}`,
      'the file is nested more than 100 levels deep',
    ],
  ])('is reported with its fault: %s', (_, text, message) => {
    expect(read(text)).toEqual(invalid(message));
  });

  it.each([
    [
      'Latin-1',
      Buffer.from('{"id":"1","type":"mc","core":{"metadata":{"itemAuthor":"Zo\xeb"}}}', 'latin1'),
      'not UTF-8',
    ],
    ['UTF-16', Buffer.from('\ufeff{"id":"1","type":"mc"}', 'utf16le'), 'UTF-16, not UTF-8'],
    [
      'big-endian UTF-16',
      Buffer.from('\ufeff{"id":"1","type":"mc"}', 'utf16le').swap16(),
      'UTF-16, not UTF-8',
    ],
    ['an archive', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0), 'binary, not text'],
    ['cut off within a character', Buffer.from('{"id":"é').subarray(0, -1), 'not UTF-8'],
  ])('is reported as not UTF-8: %s', (_, content, encoding) => {
    expect(readItemJson(content)).toEqual(invalid(`the file is ${encoding}`));
  });

  it('is reported as a pointer if Git LFS stores its content', () => {
    const oid = `oid sha256:${'4d'.repeat(32)}`;
    expect(read(`version https://git-lfs.github.com/spec/v1\n${oid}\nsize 4678\n`)).toEqual(
      failed('ITEM_JSON_IN_LFS', 'the file is a Git LFS pointer: commit item.json itself, without Git LFS'),
    );
  });

  it.each([
    ['id', undefined, 'id: missing or empty'],
    ['id', null, 'id: missing or empty'],
    ['id', true, 'id: expected text of at most 500 characters, received boolean'],
    ['id', [1], 'id: expected text of at most 500 characters, received array'],
    ['id', '9'.repeat(501), 'id: expected text of at most 500 characters, received string'],
    [
      'id',
      9_007_199_254_740_992,
      'id: expected text, because numbers beyond 9007199254740991 are not exact, received number',
    ],
    ['type', undefined, 'type: missing or empty'],
    ['type', null, 'type: missing or empty'],
    ['type', ' ', 'type: missing or empty'],
    ['type', {}, 'type: expected text of at most 500 characters, received object'],
  ])('is reported with its fault: %s is %j', (name, wrong, message) => {
    expect(readItemJson(fileOf({ ...MINIMAL_ITEM, [name]: wrong }))).toEqual(invalid(message));
  });

  it.each(['', ' ', '12a', '-1', '1.5', '1e3', '0x1f', '204 981', '\uff12\uff10', 1.5, -1])(
    'has an id that does not consist of digits: %j',
    (id) => {
      expect(readItemJson(fileOf({ ...MINIMAL_ITEM, id }))).toEqual(
        failed('ITEM_ID_NOT_NUMERIC', 'id: must consist of digits only'),
      );
    },
  );

  it.each([
    ['text that is not JSON', 'confidential'],
    ['an unknown literal', '{"id":"204981","confidential":confidential}'],
    ['an unterminated string', '{"id":"204981","type":"mc","confidential'],
    ['a string', '"confidential"'],
    ['the id', '{"id":"confidential","type":"mc"}'],
    ['the type', `{"id":"204981","type":"${'confidential'.repeat(50)}"}`],
    ['the constructor', '{"id":{"constructor":{"name":"confidential"}},"type":"mc"}'],
  ])('is reported without quoting the file: %s', (_, text) => {
    const message = expect.not.stringContaining('confidential');
    expect(read(text)).toMatchObject({ kind: 'failed', failure: { message } });
  });
});
