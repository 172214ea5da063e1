import { describe, expect, it } from 'vitest';
import { fieldsOf, fieldsWith, issuePathsOf } from '../../../support/item-fields.ts';
import { MINIMAL_FIELDS } from '../../../support/item-json.ts';

const item = (values: object) => fieldsOf({ id: '204981', type: 'sa', ...values });

describe('the assignments of an item', () => {
  it('are sorted by person without regard to case, and are shown as texts to search for', () => {
    const assignments = [
      { assignedTo: 'rosa@bank.org', assignedBy: 'lead@bank.org', assignedDate: '2019-03-02T23:30:00.000Z' },
      { assignedTo: 'Ali@bank.org', assignedBy: 'lead@bank.org', assignedDate: '2019-03-05T08:00:00.000Z' },
    ];
    expect(item({ assignments })).toMatchObject({
      assignments: [
        { assignedTo: 'Ali@bank.org', assignedBy: 'lead@bank.org', assignedAt: '2019-03-05T08:00:00.000Z' },
        { assignedTo: 'rosa@bank.org', assignedBy: 'lead@bank.org', assignedAt: '2019-03-02T23:30:00.000Z' },
      ],
      assignedTo: 'Ali@bank.org, rosa@bank.org',
      assignedBy: 'lead@bank.org, lead@bank.org',
      assignedDates: '03/05/19, 03/02/19',
      assignedDateSort: '1551772800000,1551569400000',
    });
  });

  it('keep the order of the file for one person, and a gap for who is not known', () => {
    const assignments = [
      { assignedTo: 'b', assignedBy: '', assignedDate: 1_551_569_400_000 },
      { assignedTo: 'B', assignedBy: 'lead', assignedDate: '2019-03-02T00:30:00+01:00' },
    ];
    expect(item({ assignments })).toMatchObject({
      assignedTo: 'b, B',
      assignedBy: ', lead',
      assignedDates: '03/02/19, 03/01/19',
    });
  });

  it('are left out without a person or without a date', () => {
    const assignedDate = '2019-03-02T23:30:00.000Z';
    for (const wrong of [{ assignedDate }, { assignedTo: '', assignedDate }, { assignedTo: 'a' }]) {
      expect(fieldsWith('assignments', [wrong])).toStrictEqual(MINIMAL_FIELDS);
    }
    expect(issuePathsOf('assignments', [{ assignedTo: 'a', assignedDate: 'yesterday' }])).toEqual([
      'assignments[0].assignedDate',
    ]);
  });
});

describe('the content update needs of an item', () => {
  const need = (createDate: string, others: object = {}) => ({ createDate, ...others });

  it('are sorted by their creation, and the last one is the current one', () => {
    const contentUpdateNeeds = [
      need('2019-02-02T00:00:00.000Z', {
        ...{ resolution: 'NoAction', resolutionDate: '2019-02-03T00:00:00.000Z' },
        ...{ internalResolution: '', internalResolutionDate: '' },
      }),
      need('2019-02-01T00:00:00.000Z', { resolution: '', notes: 'Correct the key ' }),
    ];
    const fields = item({ core: { contentUpdateNeeds } });
    expect(fields).toMatchObject({
      contentUpdateNeeds: [
        { createdAt: '2019-02-01T00:00:00.000Z', notes: 'Correct the key ' },
        {
          createdAt: '2019-02-02T00:00:00.000Z',
          resolution: 'NoAction',
          resolvedAt: '2019-02-03T00:00:00.000Z',
        },
      ],
      hasUnresolvedUpdateNeed: true,
      currentUpdateNeedCreatedAt: '2019-02-02T00:00:00.000Z',
      currentUpdateNeedResolution: 'NoAction',
      currentUpdateNeedResolvedAt: '2019-02-03T00:00:00.000Z',
    });
    expect(fields).not.toHaveProperty('currentUpdateNeedInternalResolution');
    expect(fields).not.toHaveProperty('currentUpdateNeedInternallyResolvedAt');
  });

  it('of the same date are in the order of the file, and one without a date comes first', () => {
    const at = '2019-02-02T00:00:00.000Z';
    const contentUpdateNeeds = [need(at, { resolution: 'a' }), need(at, { resolution: 'b' }), { notes: 'c' }];
    expect(item({ core: { contentUpdateNeeds } })).toMatchObject({
      contentUpdateNeeds: [{ notes: 'c' }, { resolution: 'a' }, { resolution: 'b' }],
      currentUpdateNeedResolution: 'b',
    });
  });

  it.each([
    ['', true],
    [undefined, true],
    [' ', false],
    ['NoAction', false],
  ])('are unresolved if the resolution is %j: %s', (resolution, isUnresolved) => {
    const contentUpdateNeeds = [need('2019-02-02T00:00:00.000Z', { resolution, internalResolution: 'x' })];
    expect(item({ core: { contentUpdateNeeds } }).hasUnresolvedUpdateNeed).toBe(isUnresolved);
  });

  it.each([
    ['a resolution cannot be read', { contentUpdateNeeds: [need('', { resolution: true })] }, undefined],
    [
      'another one has no resolution',
      { contentUpdateNeeds: [need('', { resolution: true }), need('')] },
      true,
    ],
    ['a need is no object', { contentUpdateNeeds: [need('', { resolution: 'a' }), 'b'] }, undefined],
    ['a need is null', { contentUpdateNeeds: [null] }, false],
    ['they are no list', { contentUpdateNeeds: { notes: 'a' } }, undefined],
    ['the core is no object', [], undefined],
    ['the core is missing', undefined, false],
  ])('are unresolved only if that is certain: %s', (_, core, isUnresolved) => {
    const fields = item({ core });
    expect(fields.hasUnresolvedUpdateNeed).toBe(isUnresolved);
    expect('hasUnresolvedUpdateNeed' in fields).toBe(isUnresolved !== undefined);
  });

  it('may have notes of 5,000 characters, but not of 5,001', () => {
    const issues = (notes: string) => issuePathsOf('core.contentUpdateNeeds', [{ notes }]);
    expect(issues('n'.repeat(5_000))).toEqual([]);
    expect(issues('n'.repeat(5_001))).toEqual(['core.contentUpdateNeeds[0].notes']);
  });

  it('are the newest ones, if a row has no room for all of them', () => {
    const contentUpdateNeeds = Array.from({ length: 9 }, (_, index) =>
      need(`2019-02-0${index + 1}T00:00:00.000Z`, { notes: 'n'.repeat(4_900) }),
    );
    const fields = item({ core: { contentUpdateNeeds } });
    expect(fields.contentUpdateNeeds?.map(({ createdAt }) => createdAt?.slice(8, 10))).toEqual([
      ...['04', '05', '06', '07', '08', '09'],
    ]);
    expect(fields.fieldIssues).toEqual([
      { field: 'core.contentUpdateNeeds', received: 'array', expected: 'list of at most 30000 bytes' },
    ]);
  });
});

describe('the dates of the content', () => {
  const core = { en: { updatedDate: '2019-05-02T10:00:00.000Z' } };
  const uploaded = (...dates: unknown[]) => ({
    attachments: dates.map((uploadedDate, index) => ({ fileName: `${index}`, uploadedDate })),
  });

  it('are compared with the latest upload of each kind', () => {
    expect(
      item({
        core,
        asl: uploaded('2019-05-01T10:00:00.000Z', '2019-05-02T10:00:00.000Z'),
        braille: uploaded('2019-05-02T09:59:59.999Z'),
        translations: { esp: { updatedDate: '2019-04-01T00:00:00.000Z' } },
      }),
    ).toMatchObject({
      englishContentUpdatedAt: '2019-05-02T10:00:00.000Z',
      spanishContentUpdatedAt: '2019-04-01T00:00:00.000Z',
      aslUploadedBeforeContentUpdate: false,
      brailleUploadedBeforeContentUpdate: true,
      closedCaptionsUploadedBeforeContentUpdate: false,
    });
  });

  it.each([
    ['the later date is of the same file', { core, cc: uploaded('2019-05-01T10:00:00Z', null, '') }, true],
    ['dates have other time zones', { core, cc: uploaded('2019-05-02T11:30:00.000+02:00') }, true],
    ['the date is in milliseconds', { core, cc: uploaded(1_556_704_800_000) }, true],
    [
      'the later date is in milliseconds',
      { core, cc: uploaded('2019-05-01T10:00:00Z', 1_556_791_200_000) },
      false,
    ],
    ['no upload has a date', { core, cc: uploaded(undefined, '') }, false],
    ['nothing was uploaded', { core }, false],
    ['the content has no date', { core: {}, cc: uploaded('2019-05-01T10:00:00.000Z') }, false],
    ['the only upload has an unreadable date', { core, cc: uploaded('some day') }, undefined],
    ['an upload may be later', { core, cc: uploaded('2019-05-01T10:00:00Z', 'some day') }, undefined],
    ['an upload is later', { core, cc: uploaded('2019-05-03T10:00:00Z', 'some day') }, false],
    ['an upload is no object', { core, cc: { attachments: ['a.vtt'] } }, undefined],
    ['the uploads are no list', { core, cc: { attachments: {} } }, undefined],
    ['the captions are no object', { core, cc: [] }, undefined],
    ['the content is no object', { core: { en: [] }, cc: uploaded('2019-05-01T10:00:00Z') }, undefined],
    ['the core is no object', { core: [], cc: uploaded('2019-05-01T10:00:00Z') }, undefined],
    [
      'the date of the content cannot be read',
      { core: { en: { updatedDate: 'some day' } }, cc: uploaded('2019-05-01T10:00:00Z') },
      undefined,
    ],
  ])('decide whether captions are outdated if %s', (_, values, isOlder) => {
    expect(item(values).closedCaptionsUploadedBeforeContentUpdate).toBe(isOlder);
  });

  it('of uploads that cannot be read are issues of the item', () => {
    const fields = item({ core, cc: uploaded('2019-02-30T10:00:00Z') });
    expect(fields.closedCaptionsAttachments).toEqual([{ fileName: '0', uploadedAt: '2019-02-30T10:00:00Z' }]);
    expect(fields.fieldIssues).toMatchObject([
      { field: 'cc.attachments[0].uploadedDate', received: 'string' },
    ]);
  });

  it.each([
    ['2019-05-02T10:00:00Z', '2019-05-02T10:00:00.000Z'],
    ['2019-05-02T10:00:00.000+0000', '2019-05-02T10:00:00.000Z'],
    [' 2019-05-02T12:00+02:00 ', '2019-05-02T10:00:00.000Z'],
    [1_556_791_200_000, '2019-05-02T10:00:00.000Z'],
  ])('are shown in UTC with milliseconds: %j', (updatedDate, englishContentUpdatedAt) => {
    expect(item({ core: { en: { updatedDate } } })).toMatchObject({ englishContentUpdatedAt });
  });

  it.each([
    ...['2019-02-29T10:00:00Z', '2019-02-30T10:00:00Z', '2019-04-31T10:00+02:00', '2019-06-31T10:00:00+0200'],
    ...['2019-02-32T10:00:00Z', '2019-13-01T10:00:00Z', '2019-00-01T10:00Z', '2019-01-00T10:00:00+0200'],
    '1900-02-29T00:00:00Z',
  ])('are left out if there is no such day: %j', (updatedDate) => {
    const fields = item({ core: { en: { updatedDate } } });
    expect(fields).not.toHaveProperty('englishContentUpdatedAt');
    expect(fields.fieldIssues).toMatchObject([{ field: 'core.en.updatedDate', received: 'string' }]);
  });

  it.each(['2020-02-29T10:00:00.000Z', '2000-02-29T10:00:00.000Z', '2019-12-31T23:59:59.999Z'])(
    'may be the last day of a month: %j',
    (updatedDate) => {
      expect(item({ core: { en: { updatedDate } } }).englishContentUpdatedAt).toBe(updatedDate);
    },
  );

  it.each(['2019-05-02', '2019-05-02T10:00:00', 'today', 1e300, 253_402_300_800_000, {}])(
    'are left out if they cannot be read: %j',
    (updatedDate) => {
      expect(issuePathsOf('core.en.updatedDate', updatedDate)).toEqual(['core.en.updatedDate']);
    },
  );
});

describe('the forms of an item', () => {
  const testAdministration = {
    administrations: [
      {
        forms: [
          { formId: 'F1', formType: 'Operational', assessmentType: 'Summative', exposures: 12, sequence: 3 },
        ],
      },
      { forms: [{ formId: 'F1' }] },
    ],
  };

  it('are those of all administrations, in the order of the file', () => {
    expect(item({ core: { testAdministration } }).forms).toEqual([
      { formId: 'F1', formType: 'Operational', assessmentType: 'Summative', exposures: 12 },
      { formId: 'F1' },
    ]);
  });

  it.each(['stim', 'tut', 'something-new', 'constructor'])('do not exist for the type %s', (type) => {
    expect(item({ type, core: { testAdministration } })).not.toHaveProperty('forms');
  });
});

describe('enhanced ids, passages and the use by a state', () => {
  const values = {
    core: {
      en: { passages: [{ title: 'a' }, { title: 'b' }] },
      metadata: { stateSpecificUse: 'Yes', stateSpecificUseDescription: 'Oregon only' },
    },
    serverManaged: { primaryEnhancedId: 'M.G5.C1NF.TF.5-NF-2', secondaryEnhancedId: '' },
    translations: { esp: {} },
  };

  it('are taken from the file', () => {
    const fields = item({ type: 'stim', ...values });
    expect(fields).toMatchObject({
      primaryEnhancedId: 'M.G5.C1NF.TF.5-NF-2',
      englishPassagesCount: 2,
      spanishPassagesCount: 0,
      stateSpecificUse: 'Yes',
      stateSpecificUseDescription: 'Oregon only',
    });
    for (const absent of ['secondaryEnhancedId', 'tertiaryEnhancedId', 'quaternaryEnhancedId']) {
      expect(fields).not.toHaveProperty(absent);
    }
  });

  it('count no passages of any other type', () => {
    expect(item({ type: 'sa', ...values })).toMatchObject({ englishPassagesCount: 0 });
  });

  it.each([
    [
      'the passages are no list',
      { core: { en: { passages: {} } }, translations: { esp: { passages: 'a' } } },
    ],
    ['the content is no object', { core: { en: [] }, translations: { esp: 'a' } }],
    ['the parts around it are no objects', { core: [], translations: [] }],
  ])('count no passages of a stimulus if %s', (_, unreadable) => {
    const fields = item({ type: 'stim', ...unreadable });
    expect(fields).not.toHaveProperty('englishPassagesCount');
    expect(fields).not.toHaveProperty('spanishPassagesCount');
    expect(item({ type: 'sa', ...unreadable })).toMatchObject({ englishPassagesCount: 0 });
  });
});
