import { describe, expect, it } from 'vitest';
import {
  MAX_ITEM_JSON_BYTES,
  readItemJson,
  workflowStatusOf,
} from '../../../../functions/mirror/item-json.ts';
import type { Reason } from '../../../../functions/shared/contract/job-execution.ts';
import type { Bank } from '../../../../local/github/bank/bank.ts';
import type { Repository } from '../../../../local/github/bank/entities.ts';
import { resolveCommit } from '../../../../local/github/bank/git/revisions.ts';
import { entryAt } from '../../../../local/github/bank/git/trees.ts';
import { seedBank } from '../../../../local/github/bank/seed.ts';
import {
  bytesOf,
  fileOf,
  fileOfBytes,
  fileOfLevels,
  itemWith,
  MINIMAL_FIELDS,
  MINIMAL_ITEM,
  WHOLE_ITEM,
  WHOLE_ITEM_FIELDS,
} from '../../../support/item-json.ts';

const read = (text: string) => readItemJson(bytesOf(text));
/** Each has 500 bytes as JSON. With one more name and the other fields they have almost 300,000 bytes. */
const LONG_NAMES = Array.from({ length: 599 }, (_, index) => String(index).padStart(484, 'a'));
const failed = (reason: Reason, message: string) => ({ kind: 'failed', failure: { reason, message } });
const invalid = (message: string) => failed('ITEM_JSON_INVALID', message);

describe('a valid item.json', () => {
  it('is read as its fields, and its text is unchanged', () => {
    const text = `${JSON.stringify(WHOLE_ITEM, null, 2).replaceAll('":', '" :')}\r\n`;
    expect(read(text)).toStrictEqual({ kind: 'read', item: WHOLE_ITEM_FIELDS, text });
  });

  it('may begin with a byte order mark, which is not part of its text', () => {
    const text = JSON.stringify(itemWith('core.metadata.itemAuthor', 'Zoë \u{1f600}'));
    expect(read(`\ufeff${text}`)).toMatchObject({ kind: 'read', text, item: { author: 'Zoë \u{1f600}' } });
  });

  it('uses the last of duplicate keys', () => {
    const text = '{"id":"1","type":"mc","id":"2","asl":5,"asl":{"isAslRequired":"true"}}';
    expect(read(text)).toMatchObject({ item: { itemId: '2', aslRequired: 'true' }, text });
  });

  it.each(['9007199254740993', '18014398509481985', '007', '9'.repeat(500)])(
    'keeps the id %s as text',
    (id) => {
      expect(readItemJson(fileOf({ ...MINIMAL_ITEM, id }))).toMatchObject({
        kind: 'read',
        item: { itemId: id },
      });
    },
  );

  it('cannot pollute prototypes with its keys', () => {
    const text = [
      '{"id":"204981","type":"mc","__proto__":{"version":"iat-9","polluted":true},',
      '"constructor":{"prototype":{"polluted":true}},',
      '"core":{"__proto__":{"stimulusId":"7"},"metadata":{"__proto__":{"subject":"Math"},"constructor":"x"}}}',
    ].join('');
    expect(read(text)).toStrictEqual({ kind: 'read', item: MINIMAL_FIELDS, text });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('may be nested 100 levels deep, but not 101', () => {
    expect(readItemJson(fileOfLevels(100))).toMatchObject({ kind: 'read' });
    expect(readItemJson(fileOfLevels(101))).toEqual(invalid('the file is nested more than 100 levels deep'));
  });

  it('may have any number of brackets in its texts', () => {
    const brackets = `\\"${'[{'.repeat(200)}`;
    expect(readItemJson(fileOf(itemWith('core.en.prompt', brackets)))).toMatchObject({ kind: 'read' });
  });

  it('may have any number of values at one level', () => {
    const options = Array.from({ length: 200 }, () => ({ text: ['a'] }));
    expect(readItemJson(fileOf(itemWith('core.en.options', options)))).toMatchObject({ kind: 'read' });
  });

  it('may have one mebibyte, but not one byte more', () => {
    expect(readItemJson(fileOfBytes(MAX_ITEM_JSON_BYTES))).toMatchObject({ kind: 'read' });
    expect(readItemJson(fileOfBytes(MAX_ITEM_JSON_BYTES + 1))).toEqual(
      failed('ITEM_JSON_TOO_LARGE', 'the file has 1048577 bytes, more than 1048576'),
    );
  });

  it('may have fields of 300,000 bytes, but not one byte more', () => {
    const readWith = (last: string) => {
      const files = [...LONG_NAMES, last].map((fileName) => ({ fileName }));
      return readItemJson(fileOf(itemWith('asl.attachments', files)));
    };
    const shortest = readWith('z');
    const room = 300_000 - Buffer.byteLength(JSON.stringify(shortest.kind === 'read' && shortest.item));
    expect(readWith('z'.repeat(1 + room))).toMatchObject({ kind: 'read' });
    expect(readWith('z'.repeat(2 + room))).toEqual(
      failed('ITEM_JSON_TOO_LARGE', 'the fields have 300001 bytes, more than 300000'),
    );
  });
});

describe('an invalid item.json', () => {
  it.each([
    ['empty', '', 'the file is empty'],
    ['a byte order mark only', '\ufeff', 'the file is empty'],
    ['blank', ' \r\n\t', 'the file is empty'],
    ['not JSON', 'id: 204981', 'the file is not JSON'],
    ['with a trailing comma', '{"id":"204981",\n  "type":"mc",}', 'the file is not JSON (line 2 column 15)'],
    ['with two byte order marks', '\ufeff\ufeff{}', 'the file is not JSON'],
    ['a committed merge conflict', '<<<<<<< HEAD\n{}', 'the file is not JSON'],
    ['an array', '[{"id":"204981","type":"mc"}]', 'the file: expected object, received array'],
    ['a string', '"{}"', 'the file: expected object, received string'],
    ['null', 'null', 'the file: expected object, received null'],
    ['a number', '204981', 'the file: expected object, received number'],
    [
      'an empty object',
      '{}',
      'id: expected string, received undefined; type: expected string, received undefined',
    ],
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
    ['Latin-1', Buffer.from('{"id":"1","type":"mc","core":{"metadata":{"itemAuthor":"Zo\xeb"}}}', 'latin1')],
    ['UTF-16', Buffer.from('\ufeff{"id":"1","type":"mc"}', 'utf16le')],
    ['cut off within a character', Buffer.from('{"id":"é').subarray(0, -1)],
  ])('is reported as not UTF-8: %s', (_, content) => {
    expect(readItemJson(content)).toEqual(invalid('the file is not UTF-8'));
  });

  it.each([
    ['core.metadata.subject', 5, 'core.metadata.subject: expected string, received number'],
    ['core.stimulusId', { id: '7' }, 'core.stimulusId: expected string, received object'],
    [
      'workflow.workflowStatusCode',
      ['Draft'],
      'workflow.workflowStatusCode: expected string, received array',
    ],
    ['id', 204_981, 'id: expected string, received number'],
    ['id', null, 'id: expected string, received null'],
    ['id', '9'.repeat(501), 'id: more than 500 characters'],
    ['type', '', 'type: must not be empty'],
    ['asl.attachments', {}, 'asl.attachments: expected array, received object'],
    ['asl.isAslRequired', 1, 'asl.isAslRequired: expected string or boolean'],
    ['asl.isAslProvided', 'perhaps', 'asl.isAslProvided: expected boolean, "true" or "false"'],
  ])('is reported with the path of the fault: %s is %j', (path, wrong, message) => {
    expect(readItemJson(fileOf(itemWith(path, wrong)))).toEqual(invalid(message));
  });

  it.each(['', ' ', '12a', '-1', '1.5', '1e3', '0x1f', ' 204981', '204981\n', '\uff12\uff10'])(
    'has an id that does not consist of digits: %j',
    (id) => {
      expect(readItemJson(fileOf({ ...MINIMAL_ITEM, id }))).toEqual(
        failed('ITEM_ID_NOT_NUMERIC', 'id: must consist of digits only'),
      );
    },
  );

  it('is reported with the first faults and the number of others', () => {
    const metadata = { subject: 1, primaryClaim: 2, primaryTarget: 3, pencilPaper: 4 };
    expect(readItemJson(fileOf(itemWith('core.metadata', metadata)))).toEqual(
      invalid(
        'core.metadata.subject: expected string, received number; core.metadata.primaryClaim: expected string, received number; and 2 more',
      ),
    );
  });

  it('is reported with the first invalid entry of a list', () => {
    const text = `{"id":"1","type":"mc","asl":{"attachments":[{},${'5,'.repeat(100_000)}5]}}`;
    expect(read(text)).toEqual(invalid('asl.attachments[1]: expected object, received number'));
  });

  it('is reported in at most 300 characters', () => {
    const wrong = { forms: [{ exposures: 2_000_000_000 }], fieldTestData: { itemDifficultyQuintile: true } };
    const administrations = [...Array.from({ length: 10_000 }, () => ({})), wrong];
    const reading = readItemJson(
      fileOf(itemWith('core.testAdministration.administrations', administrations)),
    );
    const message = reading.kind === 'failed' ? reading.failure.message : '';
    expect(message).toContain('forms[0].exposures');
    expect(message).toContain('itemDifficultyQuintile');
    expect(message.length).toBeLessThanOrEqual(300);
  });

  it.each([
    ['text that is not JSON', 'confidential'],
    ['an unknown literal', '{"id":"204981","confidential":confidential}'],
    ['an unterminated string', '{"id":"204981","type":"mc","confidential'],
    ['a string', '"confidential"'],
    ['the id', '{"id":"confidential","type":"mc"}'],
    ['the type', `{"id":"204981","type":"${'confidential'.repeat(50)}"}`],
    ['the constructor', '{"id":"1","type":"mc","version":{"constructor":{"name":"confidential"}}}'],
    ['a flag', '{"id":"1","type":"mc","asl":{"isAslProvided":"confidential","confidential":1}}'],
  ])('is reported without quoting the file: %s', (_, text) => {
    const message = expect.not.stringContaining('confidential');
    expect(read(text)).toMatchObject({ kind: 'failed', failure: { message } });
  });
});

describe('the workflow status of an earlier item.json', () => {
  it.each([
    ['is read', WHOLE_ITEM, 'ContentReview'],
    ['is trimmed', itemWith('workflow.workflowStatusCode', ' Draft\n'), 'Draft'],
    [
      'is read if other fields are invalid',
      { id: 5, core: [], workflow: { workflowStatusCode: 'Draft' } },
      'Draft',
    ],
  ])('%s', (_, file, status) => {
    expect(workflowStatusOf(fileOf(file))).toBe(status);
  });

  it.each([
    ['it is empty', fileOf(itemWith('workflow.workflowStatusCode', ' '))],
    ['it is null', fileOf(itemWith('workflow.workflowStatusCode', null))],
    ['it is not text', fileOf(itemWith('workflow.workflowStatusCode', 5))],
    ['it is too long', fileOf(itemWith('workflow.workflowStatusCode', 'x'.repeat(501)))],
    ['there is none', fileOf(MINIMAL_ITEM)],
    ['the workflow is not an object', fileOf(itemWith('workflow', 'Draft'))],
    ['the file is not an object', fileOf(['Draft'])],
    ['the file is not JSON', bytesOf('workflowStatusCode: Draft')],
    ['the file is not UTF-8', Uint8Array.of(0xff, 0xfe, 0x7b)],
    ['the file is empty', bytesOf('')],
    ['the file is too large', fileOfBytes(MAX_ITEM_JSON_BYTES + 1)],
  ])('is undefined if %s', (_, content) => {
    expect(workflowStatusOf(content)).toBeUndefined();
  });
});

function itemJsonIn(bank: Bank, { id, defaultBranch }: Repository): Buffer | undefined {
  const git = bank.gitOf(id);
  const tree = resolveCommit(git, 'HEAD', defaultBranch)?.tree ?? '';
  return git.blob(entryAt(git, tree, 'item.json')?.oid ?? '');
}

describe('the items of the simulated bank', () => {
  const bank = seedBank({
    organization: 'item-bank',
    seed: 7,
    repositories: 120,
    withoutProjectWebhook: 0,
    projectWebhookUrl: 'http://127.0.0.1:4510/webhook',
  });
  const files = [...bank.repositories.values()].flatMap((repository) => itemJsonIn(bank, repository) ?? []);
  const readings = files.map((file) => readItemJson(file));
  const items = readings.flatMap((reading) => (reading.kind === 'read' ? [reading.item] : []));

  it('are all valid', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(readings.filter(({ kind }) => kind === 'failed')).toEqual([]);
    expect(files.map((file) => workflowStatusOf(file))).toEqual(items.map((item) => item.workflowStatus));
  });

  it('are read with both the older and the newer field names', () => {
    const questions = items.filter(({ type }) => type !== 'stim' && type !== 'tut');
    for (const item of questions) {
      expect(item).toMatchObject({
        grade: expect.any(String),
        subject: expect.stringMatching(/^(ELA|Math)$/),
        primaryClaim: expect.any(String),
        primaryTarget: expect.any(String),
        primaryCommonCoreStandard: expect.any(String),
        primaryContentDomain: expect.any(String),
      });
    }
    expect(new Set(questions.map((item) => item.itemJsonVersion))).toEqual(new Set(['iat-4', 'iat-5']));
  });
});
