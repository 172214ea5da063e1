/** An item.json with the required fields only. */
export const MINIMAL_ITEM = { id: '204981', type: 'mc' } as const;
/** What the mirror shows of it: besides the required fields, those that a file which says nothing has too. */
export const MINIMAL_FIELDS = {
  itemId: '204981',
  type: 'mc',
  aslRequired: 'undetermined',
  aslProvided: false,
  brailleRequired: 'undetermined',
  brailleProvided: false,
  closedCaptionsRequired: 'undetermined',
  closedCaptionsProvided: false,
  translationRequired: 'undetermined',
  translationProvided: false,
  aslUploadedBeforeContentUpdate: false,
  brailleUploadedBeforeContentUpdate: false,
  closedCaptionsUploadedBeforeContentUpdate: false,
  englishPassagesCount: 0,
  spanishPassagesCount: 0,
  hasUnresolvedUpdateNeed: false,
} as const;

/** The smallest item with a value at a path such as `core.metadata.subject`. */
export function itemWith(path: string, value: unknown): Readonly<Record<string, unknown>> {
  const [first = '', ...rest] = path.split('.');
  return { ...MINIMAL_ITEM, [first]: rest.reduceRight((inner, name) => ({ [name]: inner }), value) };
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const fileOf = (value: unknown): Uint8Array => bytesOf(JSON.stringify(value));

/** The smallest item in a file of `count` bytes. */
export function fileOfBytes(count: number): Uint8Array {
  const text = JSON.stringify(MINIMAL_ITEM);
  return bytesOf(text.padEnd(count, ' '));
}

/** The smallest item with nested lists that make the file `count` levels deep. */
export function fileOfLevels(count: number): Uint8Array {
  const lists = `${'['.repeat(count - 1)}${']'.repeat(count - 1)}`;
  return bytesOf(JSON.stringify(MINIMAL_ITEM).replace('}', `,"unknown":${lists}}`));
}

/** An item with examples of all kinds of fields that the mirror shows, and of fields that it does not show. */
export const WHOLE_ITEM = {
  id: '204981',
  type: 'wer',
  version: 'iat-5',
  core: {
    stimulusId: '204970',
    tutorialId: null,
    metadata: {
      subject: 'ELA',
      intendedGrade: '7',
      primaryClaim: '2',
      primaryTarget: 'C',
      secondaryClaim: '',
      itemAuthor: 'Imogen Whitlock',
      minGrade: '6',
    },
    testAdministration: {
      fieldTestAdministrationId: 'spring',
      administrations: [
        { administrationId: 'winter', forms: [{ exposures: 12 }, { exposures: null }] },
        {
          administrationId: 'spring',
          forms: [{ id: 'form-3', exposures: 30 }],
          fieldTestData: { itemDifficultyQuintile: '4' },
        },
      ],
    },
    en: { prompt: '<p>Explain why the bridge was closed.</p>', isRequired: 'true', isProvided: true },
  },
  asl: {
    attachments: [{ fileName: 'bridge.mp4', fileType: 'mp4', uploadedDate: '2025-03-01T08:30:00Z' }],
    isAslRequired: 'true',
    isAslProvided: true,
  },
  braille: { attachments: [], isBrailleRequired: 'undetermined', isBrailleProvided: false },
  workflow: { workflowStatusCode: 'ContentReview' },
};

export const WHOLE_ITEM_FIELDS = {
  ...MINIMAL_FIELDS,
  type: 'wer',
  itemJsonVersion: 'iat-5',
  stimulusId: '204970',
  subject: 'ELA',
  grade: '7',
  primaryClaim: '2',
  primaryTarget: 'C',
  author: 'Imogen Whitlock',
  formCount: 3,
  exposuresCount: 42,
  itemDifficultyQuintile: 4,
  forms: [{ exposures: 12 }, {}, { exposures: 30 }],
  aslRequired: 'true',
  aslProvided: true,
  aslAttachments: [{ fileName: 'bridge.mp4', uploadedAt: '2025-03-01T08:30:00Z' }],
  workflowStatus: 'ContentReview',
};

const ORDINALS = ['primary', 'secondary', 'tertiary', 'quaternary'];

/** Fields of `core.metadata` with two names: the one that wins, the other one, and the mirror's. */
export const RENAMED: readonly [first: string, second: string, field: string][] = [
  ['intendedGrade', 'grade', 'grade'],
  ['allowCalculator', 'calculator', 'allowCalculator'],
  ...ORDINALS.flatMap((ordinal): [string, string, string][] => [
    [`${ordinal}Target`, `${ordinal}AssessmentTarget`, `${ordinal}Target`],
    [`${ordinal}CommonCoreStandard`, `${ordinal}Standard`, `${ordinal}CommonCoreStandard`],
  ]),
];

const UNCHANGED = [
  ...['subject', 'depthOfKnowledge', 'organizationTypeId', 'organizationName', 'contentTaskModel'],
  ...['writingPurpose', 'performanceTask', 'testCategory', 'scoringEngine', 'pencilPaper'],
  ...ORDINALS.flatMap((ordinal) => [`${ordinal}Claim`, `${ordinal}ContentDomain`]),
];

const METADATA: [name: string, field: string][] = [
  ...UNCHANGED.map((name): [string, string] => [name, name]),
  ...RENAMED.flatMap(([newer, older, field]): [string, string][] => [
    [newer, field],
    [older, field],
  ]),
  ['itemAuthor', 'author'],
];

/** The path of every text, and the field that it becomes. */
export const TEXTS: readonly [path: string, field: string][] = [
  ['version', 'itemJsonVersion'],
  ['core.tutorialId', 'tutorialId'],
  ['workflow.workflowStatusCode', 'workflowStatus'],
  ...METADATA.map(([name, field]): [string, string] => [`core.metadata.${name}`, field]),
];

/** Paths and fields of `…Required`: text or boolean. */
export const REQUIRED = [
  ['asl.isAslRequired', 'aslRequired'],
  ['braille.isBrailleRequired', 'brailleRequired'],
  ['cc.isCcRequired', 'closedCaptionsRequired'],
  ['translations.esp.isRequired', 'translationRequired'],
  ['textToSpeech.isVisualTTSRequired', 'visualTextToSpeechRequired'],
  ['glossary.isIllustratedGlossaryRequired', 'illustratedGlossaryRequired'],
  ['glossary.isTranslatedGlossaryRequired', 'translatedGlossaryRequired'],
] as const;

/** Paths and fields of `…Provided`. */
export const PROVIDED = [
  ['asl.isAslProvided', 'aslProvided'],
  ['braille.isBrailleProvided', 'brailleProvided'],
  ['cc.isCcProvided', 'closedCaptionsProvided'],
  ['translations.esp.isProvided', 'translationProvided'],
  ['textToSpeech.isVisualTTSProvided', 'visualTextToSpeechProvided'],
  ['textToSpeech.isSightTTSProvided', 'sightTextToSpeechProvided'],
  ['glossary.isEnglishGlossaryProvided', 'englishGlossaryProvided'],
  ['glossary.isIllustratedGlossaryProvided', 'illustratedGlossaryProvided'],
  ['glossary.isTranslatedGlossaryProvided', 'translatedGlossaryProvided'],
] as const;

export const ATTACHMENTS = [
  ['asl.attachments', 'aslAttachments'],
  ['braille.attachments', 'brailleAttachments'],
  ['cc.attachments', 'closedCaptionsAttachments'],
] as const;
