import { type ItemFields, METADATA_NAMES, type MetadataFields } from './item-fields.ts';
import type { HistoryFields, Revision } from './item-history.ts';

/** What docs/mirror.md says of an attribute of ITEM. Tests read every example as a run would. */
export interface AttributeDoc {
  /** Where it comes from: paths in item.json, or the revisions. */
  from: string;
  rule: string;
  example: AttributeExample;
}

export interface AttributeExample {
  /** Values of item.json by their paths. The type is `mc` if there is none. */
  item: Readonly<Record<string, unknown>>;
  /** The oldest first. */
  revisions?: readonly Partial<Revision>[];
  /** The value of the attribute. */
  value: unknown;
}

/** Attributes that depend on nothing but item.json. */
type FieldName = keyof ItemFields;
type HistoryName = keyof HistoryFields;

const TEXT = 'text, trimmed';
const AS_WRITTEN = 'text as written';
const DATE = 'date in UTC with milliseconds';
const REQUIRED = 'text; `undetermined` if the file says nothing';
const PROVIDED = 'true or false; false if the file says nothing';
const PASSAGES = 'number of entries, of a stimulus, absent if it cannot be read; 0 for other types';
const AS_GIVEN = 'absent if the file says nothing';

const path = (
  from: string,
  rule: string,
  [given, value]: [given: unknown, value: unknown],
): AttributeDoc => ({
  from: `\`${from}\``,
  rule,
  example: { item: { [from]: given }, value },
});

const DAY_1 = '2019-05-01T10:00:00.000Z';
const DAY_2 = '2019-05-02T10:00:00.000Z';

const attachments = (part: string): AttributeDoc =>
  path(
    `${part}.attachments`,
    '`fileName` and `uploadedAt` as written; of one file name the latest upload; in the order of their names',
    [[{ fileName: 'a.mp4', uploadedDate: DAY_1 }], [{ fileName: 'a.mp4', uploadedAt: DAY_1 }]],
  );

const uploadedBefore = (part: string): AttributeDoc => ({
  from: `\`${part}.attachments\`, \`core.en.updatedDate\``,
  rule: 'whether the latest upload is older than the English content; false if one of the dates is missing, absent if one cannot be read',
  example: {
    item: { [`${part}.attachments`]: [{ fileName: 'a', uploadedDate: DAY_1 }], 'core.en.updatedDate': DAY_2 },
    value: true,
  },
});

const enhancedId = (rank: string): AttributeDoc =>
  path(`serverManaged.${rank}EnhancedId`, AS_WRITTEN, ['M.G5.C1NF.TF.5-NF-2', 'M.G5.C1NF.TF.5-NF-2']);

const ASSIGNMENTS = [
  { assignedTo: 'rosa@bank.org', assignedBy: 'lead@bank.org', assignedDate: '2019-03-02T23:30:00.000Z' },
  { assignedTo: 'Ali@bank.org', assignedBy: 'lead@bank.org', assignedDate: '2019-03-05T08:00:00.000Z' },
];
const assigned = (rule: string, value: unknown): AttributeDoc =>
  path('assignments', rule, [ASSIGNMENTS, value]);

const NEED = {
  createDate: DAY_1,
  resolution: 'NoAction',
  resolutionDate: DAY_2,
  internalResolution: 'DoNotScore',
  internalResolutionDate: DAY_2,
};
const currentNeed = (name: string, value: string): AttributeDoc =>
  path('core.contentUpdateNeeds', `\`${name}\` of the need with the latest \`createDate\``, [[NEED], value]);

const FORM = { formId: 'F1', formType: 'Operational', assessmentType: 'Summative', exposures: 12 };
const ADMINISTRATIONS = 'core.testAdministration.administrations';

/** The attributes of a field of `core.metadata` with these names. The first name that has a value is used. */
function metadataDoc(names: readonly string[]): AttributeDoc {
  const [first = ''] = names;
  const from = names.map((name) => `\`core.metadata.${name}\``).join(', then ');
  return { from, rule: TEXT, example: { item: { [`core.metadata.${first}`]: ' 5 ' }, value: '5' } };
}

const METADATA_DOCS = Object.fromEntries(
  Object.entries(METADATA_NAMES).map(([name, names]) => [name, metadataDoc(names)]),
);

const FIELD_DOCS: Record<Exclude<FieldName, keyof MetadataFields | 'type'>, AttributeDoc> = {
  itemId: path('id', 'whole number without leading zeros, as text', ['00215412', '215412']),
  itemJsonVersion: path('version', TEXT, ['iat-25', 'iat-25']),
  stimulusId: path('core.stimulusId', 'whole number without leading zeros, as text', [' 0900 ', '900']),
  tutorialId: path('core.tutorialId', TEXT, ['17', '17']),
  workflowStatus: path('workflow.workflowStatusCode', TEXT, ['Draft', 'Draft']),
  primaryEnhancedId: enhancedId('primary'),
  secondaryEnhancedId: enhancedId('secondary'),
  tertiaryEnhancedId: enhancedId('tertiary'),
  quaternaryEnhancedId: enhancedId('quaternary'),
  stateSpecificUse: path('core.metadata.stateSpecificUse', AS_WRITTEN, ['Yes', 'Yes']),
  stateSpecificUseDescription: path(
    'core.metadata.stateSpecificUseDescription',
    `${AS_WRITTEN}, at most 5,000 characters`,
    ['Oregon only', 'Oregon only'],
  ),
  englishPassagesCount: {
    from: '`core.en.passages`',
    rule: PASSAGES,
    example: { item: { type: 'stim', 'core.en.passages': [{ title: 'a' }, { title: 'b' }] }, value: 2 },
  },
  spanishPassagesCount: {
    from: '`translations.esp.passages`',
    rule: PASSAGES,
    example: { item: { type: 'stim', 'translations.esp.passages': [{ title: 'a' }] }, value: 1 },
  },
  englishContentUpdatedAt: path('core.en.updatedDate', DATE, ['2019-05-02T12:00:00+02:00', DAY_2]),
  spanishContentUpdatedAt: path('translations.esp.updatedDate', DATE, [DAY_2, DAY_2]),
  formCount: path(ADMINISTRATIONS, 'forms of all administrations; absent without administrations', [
    [{ forms: [{}, {}] }, { forms: [{}] }],
    3,
  ]),
  exposuresCount: path(ADMINISTRATIONS, 'exposures of all forms; a form without a number counts as 0', [
    [{ forms: [{ exposures: 12 }, {}] }],
    12,
  ]),
  itemDifficultyQuintile: path(
    ADMINISTRATIONS,
    'of the last administration whose `administrationId` is `fieldTestAdministrationId`; two blank ids are equal',
    [[{ fieldTestData: { itemDifficultyQuintile: '4' } }], 4],
  ),
  forms: path(
    ADMINISTRATIONS,
    'all forms of all administrations, in the order of the file; none of stimuli, tutorials and other types',
    [[{ forms: [{ ...FORM, sequence: 1 }] }], [FORM]],
  ),
  aslRequired: path('asl.isAslRequired', REQUIRED, [true, 'true']),
  aslProvided: path('asl.isAslProvided', PROVIDED, ['Not Needed', false]),
  aslAttachments: attachments('asl'),
  aslUploadedBeforeContentUpdate: uploadedBefore('asl'),
  brailleRequired: path('braille.isBrailleRequired', REQUIRED, [null, 'undetermined']),
  brailleProvided: path('braille.isBrailleProvided', PROVIDED, ['Yes', true]),
  brailleAttachments: attachments('braille'),
  brailleUploadedBeforeContentUpdate: uploadedBefore('braille'),
  closedCaptionsRequired: path('cc.isCcRequired', REQUIRED, ['false', 'false']),
  closedCaptionsProvided: path('cc.isCcProvided', PROVIDED, [null, false]),
  closedCaptionsAttachments: attachments('cc'),
  closedCaptionsUploadedBeforeContentUpdate: uploadedBefore('cc'),
  translationRequired: path('translations.esp.isRequired', REQUIRED, ['true', 'true']),
  translationProvided: path('translations.esp.isProvided', PROVIDED, ['true', true]),
  visualTextToSpeechRequired: path('textToSpeech.isVisualTTSRequired', AS_GIVEN, ['true', 'true']),
  visualTextToSpeechProvided: path('textToSpeech.isVisualTTSProvided', AS_GIVEN, [true, true]),
  sightTextToSpeechProvided: path('textToSpeech.isSightTTSProvided', AS_GIVEN, [true, true]),
  englishGlossaryProvided: path('glossary.isEnglishGlossaryProvided', AS_GIVEN, ['No', false]),
  illustratedGlossaryRequired: path('glossary.isIllustratedGlossaryRequired', AS_GIVEN, ['No', 'No']),
  illustratedGlossaryProvided: path('glossary.isIllustratedGlossaryProvided', AS_GIVEN, [true, true]),
  translatedGlossaryRequired: path('glossary.isTranslatedGlossaryRequired', AS_GIVEN, ['Yes', 'Yes']),
  translatedGlossaryProvided: path('glossary.isTranslatedGlossaryProvided', AS_GIVEN, [false, false]),
  assignments: path(
    'assignments',
    'sorted by `assignedTo` without regard to case; one without a person or a date is left out',
    [
      ASSIGNMENTS.slice(0, 1),
      [{ assignedTo: 'rosa@bank.org', assignedBy: 'lead@bank.org', assignedAt: '2019-03-02T23:30:00.000Z' }],
    ],
  ),
  assignedTo: assigned('the persons, joined by `, `', 'Ali@bank.org, rosa@bank.org'),
  assignedBy: assigned(
    'who assigned them, in the same order; a missing one is a gap',
    'lead@bank.org, lead@bank.org',
  ),
  assignedDates: assigned('the dates as `MM/dd/yy` in UTC, in the same order', '03/05/19, 03/02/19'),
  assignedDateSort: assigned('the dates in milliseconds, in the same order', '1551772800000,1551569400000'),
  contentUpdateNeeds: path(
    'core.contentUpdateNeeds',
    'the oldest first; `createdAt`, `notes` (at most 5,000 characters), `resolution`, `resolvedAt`, `internalResolution`, `internallyResolvedAt`',
    [[{ createDate: DAY_1, notes: 'Check the key' }], [{ createdAt: DAY_1, notes: 'Check the key' }]],
  ),
  hasUnresolvedUpdateNeed: path(
    'core.contentUpdateNeeds',
    'whether any need has no resolution; a space is one, and an internal one does not count; absent if a list or resolution that cannot be read may decide it',
    [[NEED, { createDate: DAY_1, resolution: '' }], true],
  ),
  currentUpdateNeedCreatedAt: currentNeed('createDate', DAY_1),
  currentUpdateNeedResolution: currentNeed('resolution', 'NoAction'),
  currentUpdateNeedResolvedAt: currentNeed('resolutionDate', DAY_2),
  currentUpdateNeedInternalResolution: currentNeed('internalResolution', 'DoNotScore'),
  currentUpdateNeedInternallyResolvedAt: currentNeed('internalResolutionDate', DAY_2),
  fieldIssues: {
    from: 'any value',
    rule: 'the first 20 values of the file that cannot be read',
    example: {
      item: { version: ['iat-25'] },
      value: [{ field: 'version', received: 'array', expected: 'text of at most 500 characters' }],
    },
  },
};

const REVISIONS: readonly Partial<Revision>[] = [
  { committedAt: DAY_1, author: 'Jane Roe', authorLogin: 'jroe', workflowStatus: 'Draft' },
  { committedAt: DAY_2, author: 'Amir Lee', authorLogin: 'alee', workflowStatus: 'Operational' },
];
const OPERATIONAL = { 'workflow.workflowStatusCode': 'Operational' };
const ofHistory = (rule: string, value: unknown): AttributeDoc => ({
  from: 'revisions',
  rule,
  example: { item: OPERATIONAL, revisions: REVISIONS, value },
});

const HISTORY_DOCS: Record<HistoryName, AttributeDoc> = {
  createdAt: ofHistory('when the first one was committed', DAY_1),
  createdBy: ofHistory("the first one's author, by the name in git", 'Jane Roe'),
  createdByLogin: ofHistory("the same author's login at GitHub; absent without an account", 'jroe'),
  updatedAt: ofHistory('when the last one was committed', DAY_2),
  updatedBy: ofHistory("the last one's author", 'Amir Lee'),
  updatedByLogin: ofHistory("the same author's login", 'alee'),
  workflowStatusSetAt: ofHistory(
    'when the first of the latest consecutive ones with the present status was committed; those without a status do not interrupt them',
    DAY_2,
  ),
  operationalSince: ofHistory(
    'when the item last became `Operational`, although it may not be any longer',
    DAY_2,
  ),
  contentChangedAfterOperational: {
    from: 'revisions, `core.en.updatedDate`, `translations.esp.updatedDate`',
    rule: 'whether `operationalSince` is before the date of the English or of the Spanish content',
    example: {
      item: { ...OPERATIONAL, 'core.en.updatedDate': '2019-06-01T00:00:00.000Z' },
      revisions: REVISIONS,
      value: true,
    },
  },
  revisionCount: ofHistory('how many there are', 2),
};

/** Every attribute that follows from item.json and its revisions, with what the documentation says of it. */
export const ATTRIBUTE_DOCS: Readonly<Record<string, AttributeDoc>> = {
  ...FIELD_DOCS,
  type: path('type', TEXT, ['mc', 'mc']),
  ...METADATA_DOCS,
  ...HISTORY_DOCS,
};

const BEGIN = '<!-- attributes:begin -->';
const END = '<!-- attributes:end -->';

/** @returns a page with the table of all attributes between its markers. @throws Error if the markers are missing. */
export function withAttributes(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end === -1) throw new Error(`the page lacks the markers ${BEGIN} and ${END}`);
  const rows = Object.entries(ATTRIBUTE_DOCS).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const table = [
    '| attribute | from | rule | example |',
    '| --- | --- | --- | --- |',
    ...rows.map(
      ([name, { from, rule, example }]) => `| \`${name}\` | ${from} | ${rule} | ${shown(example)} |`,
    ),
  ];
  return `${page.slice(0, begin + BEGIN.length)}\n${table.join('\n')}\n${page.slice(end)}`;
}

function shown({ item, revisions, value }: AttributeExample): string {
  const result = code(value);
  if (revisions) return result;
  const given = Object.entries(item).map(([place, content]) => `\`${place}\`: ${code(content)}`);
  return `${given.join(', ')} → ${result}`;
}

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;
