import { describe, expect, it } from 'vitest';
import { expectLeftOut, fieldsWith, TEXT } from '../../../support/item-fields.ts';
import { ATTACHMENTS, MINIMAL_FIELDS } from '../../../support/item-json.ts';

const { closedCaptionsUploadedBeforeContentUpdate: _, ...WITHOUT_CAPTIONS } = MINIMAL_FIELDS;
const { aslUploadedBeforeContentUpdate: __, ...WITHOUT_ASL } = MINIMAL_FIELDS;

describe('the attachments of an item', () => {
  it.each(ATTACHMENTS)('%s are %s, in the order of their names', (path, field) => {
    const files = [
      { fileName: 'b.brf', fileType: 'brf', uploadedDate: '' },
      { fileName: ' a.brf ', uploadedDate: ' 2025-03-01T08:30:00Z ' },
    ];
    const attachments = [{ fileName: 'a.brf', uploadedAt: '2025-03-01T08:30:00Z' }, { fileName: 'b.brf' }];
    expect(fieldsWith(path, files)).toStrictEqual({ ...MINIMAL_FIELDS, [field]: attachments });
  });

  it.each([
    ['the later upload', '2025-03-01T23:30:00Z', '2025-03-01T20:00:00-05:00', '2025-03-01T20:00:00-05:00'],
    ['the later upload, which comes first in the file', '2025-03-02', '2025-03-01', '2025-03-02'],
    ['the later upload, in milliseconds', 1_740_873_600_000, '2025-03-01T20:00:00Z', '1740873600000'],
    ['the one with a date', '2025-03-02', undefined, '2025-03-02'],
    ['the one with a valid date', 'some day', '2025-03-02', '2025-03-02'],
    ['the last of those without a valid date', 'some day', 'another day', 'another day'],
  ])('of one name count as one: %s', (_, first, second, uploadedAt) => {
    const files = [first, second].map((uploadedDate) => ({ fileName: 'a.mp4', uploadedDate }));
    expect(fieldsWith('asl.attachments', files)).toMatchObject({
      aslAttachments: [{ fileName: 'a.mp4', uploadedAt }],
    });
  });

  it.each([[[]], [[{ fileName: ' ' }, { fileName: null }, {}]]])(
    'without a name are left out: %j',
    (files) => {
      expect(fieldsWith('asl.attachments', files)).toStrictEqual(MINIMAL_FIELDS);
    },
  );

  it.each([
    ['asl.attachments', 'a.mp4', 'string'],
    ['braille.attachments', { fileName: 'a.brf' }, 'object'],
  ])('are left out if they are not a list: %s is %j', (path, wrong, received) => {
    expectLeftOut(path, wrong, { received, expected: 'array' });
  });

  it.each([
    ['a.vtt', '', 'string', 'object'],
    [['a.vtt'], '', 'array', 'object'],
    [{ fileName: { name: 'a' } }, '.fileName', 'object', TEXT],
    [{ fileName: 'x'.repeat(501) }, '.fileName', 'string', TEXT],
  ])('are left out one by one: %j', (wrong, name, received, expected) => {
    const issue = { field: `cc.attachments[1]${name}`, received, expected };
    expect(fieldsWith('cc.attachments', [{ fileName: 'a' }, wrong, { fileName: 'b' }])).toStrictEqual({
      ...(name === '' ? WITHOUT_CAPTIONS : MINIMAL_FIELDS),
      closedCaptionsAttachments: [{ fileName: 'a' }, { fileName: 'b' }],
      fieldIssues: [issue],
    });
  });

  it('are shown without a date that cannot be read', () => {
    expect(fieldsWith('asl.attachments', [{ fileName: 5, uploadedDate: {} }])).toStrictEqual({
      ...WITHOUT_ASL,
      aslAttachments: [{ fileName: '5' }],
      fieldIssues: [{ field: 'asl.attachments[0].uploadedDate', received: 'object', expected: TEXT }],
    });
  });
});
