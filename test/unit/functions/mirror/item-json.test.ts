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
const LONG_NAMES = Array.from({ length: 598 }, (_, index) => String(index).padStart(484, 'a'));
const failed = (reason: Reason, message: string) => ({ kind: 'failed', failure: { reason, message } });
const invalid = (message: string) => failed('ITEM_JSON_INVALID', message);

describe('a valid item.json', () => {
  it('is read as its fields, and its text is unchanged', () => {
    const text = `${JSON.stringify(WHOLE_ITEM, null, 2).replaceAll('":', '" :')}\r\n`;
    expect(read(text)).toStrictEqual({
      kind: 'read',
      item: WHOLE_ITEM_FIELDS,
      keywords: {
        keywords: [{ section: 'Prompt / Stem', content: 'Explain why the bridge was closed.' }],
        omitted: 0,
      },
      text,
    });
  });

  it('may begin with a byte order mark, which is not part of its text', () => {
    const text = JSON.stringify(itemWith('core.metadata.itemAuthor', 'Zoë \u{1f600}'));
    expect(read(`\ufeff${text}`)).toMatchObject({ kind: 'read', text, item: { author: 'Zoë \u{1f600}' } });
  });

  it('uses the last of duplicate keys', () => {
    const text = '{"id":"1","type":"mc","id":"2","asl":5,"asl":{"isAslRequired":"true"}}';
    expect(read(text)).toMatchObject({ item: { itemId: '2', aslRequired: 'true' }, text });
  });

  it.each(['9007199254740993', '18014398509481985', '9'.repeat(500)])('keeps the id %s as text', (id) => {
    expect(readItemJson(fileOf({ ...MINIMAL_ITEM, id }))).toMatchObject({
      kind: 'read',
      item: { itemId: id },
    });
  });

  it.each([
    ['a number', 205_030, '205030'],
    ['the largest exact number', 9_007_199_254_740_991, '9007199254740991'],
    ['surrounded by white space', ' 205030\n', '205030'],
    ['with leading zeros', '00205030', '205030'],
    ['nothing but zeros', '000', '0'],
  ])('may have an id that is %s', (_, id, itemId) => {
    expect(readItemJson(fileOf({ ...MINIMAL_ITEM, id }))).toMatchObject({ kind: 'read', item: { itemId } });
  });

  it.each([
    [' something-new ', 'something-new'],
    [5, '5'],
  ])('may have the type %j', (type, read) => {
    expect(readItemJson(fileOf({ ...MINIMAL_ITEM, type }))).toMatchObject({ item: { type: read } });
  });

  it.each([
    ['{"id":"1","type":"mc","core":{"stimulusId":99}}', { stimulusId: '99' }],
    ['{"id":"1","type":"mc","core":{"metadata":{"intendedGrade":5}}}', { grade: '5' }],
    [
      '{"id":"1","type":"mc","glossary":{"isEnglishGlossaryProvided":"Yes"}}',
      { englishGlossaryProvided: true },
    ],
    [
      '{"id":"1","type":"mc","glossary":{"isEnglishGlossaryProvided":"Not Needed"}}',
      { englishGlossaryProvided: false },
    ],
    [
      '{"id":"1","type":"mc","core":{"testAdministration":{"administrations":[{"forms":[{"exposures":"100"}]}]}}}',
      { formCount: 1, exposuresCount: 100 },
    ],
  ])('may have numbers for text, text for numbers, and words for flags: %s', (text, fields) => {
    const item = { ...MINIMAL_FIELDS, itemId: '1', ...fields };
    expect(read(text)).toMatchObject({ kind: 'read', item, text });
  });

  it('is read but for a field that cannot be read', () => {
    const text = '{"id":"1","type":"mc","version":["iat-5"],"core":{"stimulusId":"99"}}';
    const issue = { field: 'version', received: 'array', expected: 'text of at most 500 characters' };
    const item = { ...MINIMAL_FIELDS, itemId: '1', stimulusId: '99', fieldIssues: [issue] };
    expect(read(text)).toMatchObject({ kind: 'read', item, text });
  });

  it('has issues that quote nothing of the file', () => {
    const secret = { confidential: 'confidential' };
    const text = JSON.stringify({
      ...MINIMAL_ITEM,
      version: secret,
      asl: ['confidential'],
      workflow: 'confidential',
    });
    const reading = read(text);
    expect(reading).toMatchObject({ item: { fieldIssues: [{}, {}, {}] } });
    expect(JSON.stringify(reading.kind === 'read' && reading.item)).not.toContain('confidential');
  });

  it('cannot pollute prototypes with its keys', () => {
    const text = [
      '{"id":"204981","type":"mc","__proto__":{"version":"iat-9","polluted":true},',
      '"constructor":{"prototype":{"polluted":true}},',
      '"core":{"__proto__":{"stimulusId":"7"},"metadata":{"__proto__":{"subject":"Math"},"constructor":"x"}}}',
    ].join('');
    expect(read(text)).toStrictEqual({
      kind: 'read',
      item: MINIMAL_FIELDS,
      keywords: { keywords: [], omitted: 0 },
      text,
    });
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

describe('the workflow status of an earlier item.json', () => {
  it.each([
    ['is read', WHOLE_ITEM, 'ContentReview'],
    ['is trimmed', itemWith('workflow.workflowStatusCode', ' Draft\n'), 'Draft'],
    [
      'is read if other fields are invalid',
      { id: {}, core: [], workflow: { workflowStatusCode: 'Draft' } },
      'Draft',
    ],
    ['may be a number', itemWith('workflow.workflowStatusCode', 5), '5'],
  ])('%s', (_, file, status) => {
    expect(workflowStatusOf(fileOf(file))).toBe(status);
  });

  it.each([
    ['it is empty', fileOf(itemWith('workflow.workflowStatusCode', ' '))],
    ['it is null', fileOf(itemWith('workflow.workflowStatusCode', null))],
    ['it is not text', fileOf(itemWith('workflow.workflowStatusCode', ['Draft']))],
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
    projectWebhookSecret: 's3cret',
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
