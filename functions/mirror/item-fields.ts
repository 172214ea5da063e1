import * as z from '../shared/zod.ts';

/** Fields of `core.metadata`, each by its names in item.json: the newest first, which holds where it is filled in. */
const METADATA_NAMES = {
  subject: ['subject'],
  grade: ['intendedGrade', 'grade'],
  depthOfKnowledge: ['depthOfKnowledge'],
  primaryClaim: ['primaryClaim'],
  primaryTarget: ['primaryTarget', 'primaryAssessmentTarget'],
  primaryContentDomain: ['primaryContentDomain'],
  primaryCommonCoreStandard: ['primaryStandard', 'primaryCommonCoreStandard'],
  secondaryClaim: ['secondaryClaim'],
  secondaryTarget: ['secondaryTarget', 'secondaryAssessmentTarget'],
  secondaryContentDomain: ['secondaryContentDomain'],
  secondaryCommonCoreStandard: ['secondaryStandard', 'secondaryCommonCoreStandard'],
  tertiaryClaim: ['tertiaryClaim'],
  tertiaryTarget: ['tertiaryTarget', 'tertiaryAssessmentTarget'],
  tertiaryContentDomain: ['tertiaryContentDomain'],
  tertiaryCommonCoreStandard: ['tertiaryStandard', 'tertiaryCommonCoreStandard'],
  quaternaryClaim: ['quaternaryClaim'],
  quaternaryTarget: ['quaternaryTarget', 'quaternaryAssessmentTarget'],
  quaternaryContentDomain: ['quaternaryContentDomain'],
  quaternaryCommonCoreStandard: ['quaternaryStandard', 'quaternaryCommonCoreStandard'],
  organizationTypeId: ['organizationTypeId'],
  organizationName: ['organizationName'],
  author: ['itemAuthor'],
  contentTaskModel: ['contentTaskModel'],
  writingPurpose: ['writingPurpose'],
  performanceTask: ['performanceTask'],
  testCategory: ['testCategory'],
  scoringEngine: ['scoringEngine'],
  allowCalculator: ['allowCalculator', 'calculator'],
  pencilPaper: ['pencilPaper'],
} as const satisfies Record<string, readonly string[]>;

type MetadataFields = Partial<Record<keyof typeof METADATA_NAMES, string>>;

interface TestAdministrationFields {
  /** Of all administrations; absent where there is none. */
  formCount?: number;
  exposuresCount?: number;
  /** Of the field test. */
  itemDifficultyQuintile?: number;
}

interface ItemAttachment {
  fileName: string;
  /** As item.json says it. */
  uploadedAt?: string;
}

/** Whether something is required is a word of the authoring tool: `true`, `false`, `undetermined`, `Yes`, … */
interface AccessibilityFields {
  aslRequired?: string;
  aslProvided?: boolean;
  aslAttachments?: ItemAttachment[];
  brailleRequired?: string;
  brailleProvided?: boolean;
  brailleAttachments?: ItemAttachment[];
  closedCaptionsRequired?: string;
  closedCaptionsProvided?: boolean;
  closedCaptionsAttachments?: ItemAttachment[];
  /** Into Spanish. */
  translationRequired?: string;
  translationProvided?: boolean;
  visualTextToSpeechRequired?: string;
  visualTextToSpeechProvided?: boolean;
  sightTextToSpeechProvided?: boolean;
  englishGlossaryProvided?: boolean;
  illustratedGlossaryRequired?: string;
  illustratedGlossaryProvided?: boolean;
  translatedGlossaryRequired?: string;
  translatedGlossaryProvided?: boolean;
}

/** What the mirror shows of an item.json. What the file leaves out, or has not filled in, is absent. */
export interface ItemFields extends MetadataFields, TestAdministrationFields, AccessibilityFields {
  itemId: string;
  type: string;
  itemJsonVersion?: string;
  stimulusId?: string;
  tutorialId?: string;
  workflowStatus?: string;
}

// Item and stimulus id are keys of indexes, which DynamoDB ends at 2,048 bytes: 500 characters are 1,500 at most.
const MOST_CHARACTERS = 500;

const characters = z.string().check(z.maxLength(MOST_CHARACTERS, `more than ${MOST_CHARACTERS} characters`));
const words = characters.check(z.trim());
// DynamoDB keeps UTF-8, which has no half of a surrogate pair; JSON can escape one.
const filledIn = (value: string | null | undefined) => (value ? value.toWellFormed() : undefined);
const text = z.pipe(z.nullish(words), z.transform(filledIn));

const flagAsWord = z.pipe(z.boolean(), z.transform(String));
const required = z.pipe(
  z.nullish(z.union([words, flagAsWord], 'expected string or boolean')),
  z.transform(filledIn),
);

const SAID = { true: true, false: false, '': undefined } as const;
const wordAsFlag = z.pipe(
  z.enum(['true', 'false', '']),
  z.transform((said) => SAID[said]),
);
const provided = z.pipe(
  z.nullish(z.union([z.boolean(), wordAsFlag], 'expected boolean, "true" or "false"')),
  z.transform((value) => value ?? undefined),
);

/** A part of item.json that may be absent. What it says beyond `shape` does not matter. */
const part = <Shape extends z.core.$ZodShape>(shape: Shape) => z.nullish(z.object(shape));

/**
 * A list that may be absent. Reading ends at its first fault: zod tells of every one, and a file has room for half
 * a million, more than the memory of a function.
 */
function listOf<Entry extends z.ZodMiniType>(entry: Entry) {
  const readAll = z.transform((values: unknown[], context) => {
    const entries: z.output<Entry>[] = [];
    for (const [index, value] of values.entries()) {
      const { success, data, error } = entry.safeParse(value);
      if (!success) {
        for (const { message, path } of error.issues) {
          context.issues.push({ code: 'custom', message, path: [index, ...path], input: value });
        }
        return z.NEVER;
      }
      entries.push(data);
    }
    return entries;
  });
  return z.pipe(
    z.nullish(z.pipe(z.array(z.unknown()), readAll)),
    z.transform((entries) => entries ?? []),
  );
}

const metadata = z.pipe(
  part(
    Object.fromEntries(Object.values(METADATA_NAMES).flatMap((names) => names.map((name) => [name, text]))),
  ),
  z.transform((values) => metadataFields(values ?? {})),
);

function metadataFields(values: Readonly<Record<string, string | undefined>>): MetadataFields {
  return Object.fromEntries(
    Object.entries(METADATA_NAMES).flatMap(([field, names]) => {
      const value = names.map((name) => values[name]).find((candidate) => candidate !== undefined);
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

// So that the sum over as many forms as a file has room for is a number that JavaScript holds exactly.
const MOST_EXPOSURES = 1_000_000_000;
const form = z.object({ exposures: z.nullish(z.int().check(z.minimum(0), z.maximum(MOST_EXPOSURES))) });
const administration = z.object({
  administrationId: text,
  forms: listOf(form),
  fieldTestData: part({ itemDifficultyQuintile: text }),
});
const tests = z.object({ fieldTestAdministrationId: text, administrations: listOf(administration) });
const testAdministration = z.pipe(
  z.nullish(tests),
  z.transform((value) => (value ? testFields(value) : {})),
);

function testFields({
  fieldTestAdministrationId,
  administrations,
}: z.output<typeof tests>): TestAdministrationFields {
  if (administrations.length === 0) return {};
  const forms = administrations.flatMap((one) => one.forms);
  const named = administrations.filter(({ administrationId }) => administrationId !== undefined);
  const fieldTest = named.find(({ administrationId }) => administrationId === fieldTestAdministrationId);
  const quintile = fieldTest?.fieldTestData?.itemDifficultyQuintile;
  return {
    formCount: forms.length,
    exposuresCount: forms.reduce((sum, { exposures }) => sum + (exposures ?? 0), 0),
    ...withoutUndefined({ itemDifficultyQuintile: wholeNumber(quintile) }),
  };
}

// Fifteen digits are the most that a JavaScript number always holds exactly.
const wholeNumber = (value = ''): number | undefined =>
  /^\d{1,15}$/.test(value) ? Number(value) : undefined;

const upload = z.object({ fileName: text, uploadedDate: text });
const attachments = z.pipe(
  listOf(upload),
  z.transform((uploads) => latestByName(uploads)),
);

/** One for each file name, the one that was uploaded last; undefined for none. */
function latestByName(uploads: readonly z.output<typeof upload>[]): ItemAttachment[] | undefined {
  const named = uploads.flatMap(({ fileName, uploadedDate }) =>
    fileName === undefined ? [] : [{ fileName, ...withoutUndefined({ uploadedAt: uploadedDate }) }],
  );
  const byTime = named.toSorted((a, b) => uploadedMs(a) - uploadedMs(b));
  const latest = new Map(byTime.map((attachment) => [attachment.fileName, attachment]));
  if (latest.size === 0) return undefined;
  return [...latest.values()].toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1));
}

/** An upload without a date that can be read is older than any other. */
const uploadedMs = ({ uploadedAt = '' }: ItemAttachment): number => Date.parse(uploadedAt) || 0;

const workflow = part({ workflowStatusCode: text });

/** The workflow status of an item.json, whatever else the file says. */
export const WorkflowStatus = z.pipe(
  z.object({ workflow }),
  z.transform((file) => file.workflow?.workflowStatusCode),
);

const ItemJsonFile = z.object({
  id: characters,
  type: z.pipe(
    words.check(z.minLength(1, 'must not be empty')),
    z.transform((value) => value.toWellFormed()),
  ),
  version: text,
  core: part({ stimulusId: text, tutorialId: text, metadata, testAdministration }),
  workflow,
  asl: part({ attachments, isAslRequired: required, isAslProvided: provided }),
  braille: part({ attachments, isBrailleRequired: required, isBrailleProvided: provided }),
  cc: part({ attachments, isCcRequired: required, isCcProvided: provided }),
  translations: part({ esp: part({ isRequired: required, isProvided: provided }) }),
  textToSpeech: part({
    isVisualTTSRequired: required,
    isVisualTTSProvided: provided,
    isSightTTSProvided: provided,
  }),
  glossary: part({
    isEnglishGlossaryProvided: provided,
    isIllustratedGlossaryRequired: required,
    isIllustratedGlossaryProvided: provided,
    isTranslatedGlossaryRequired: required,
    isTranslatedGlossaryProvided: provided,
  }),
});

/**
 * An item.json, exact in the fields that the mirror shows and open to any other, read as these fields. Nearly all are
 * optional: a tutorial has no metadata, a stimulus names none. `null` counts as absent.
 */
export const ItemJson = z.pipe(ItemJsonFile, z.transform(itemFields));

function itemFields(file: z.output<typeof ItemJsonFile>): ItemFields {
  const { core, asl, braille, cc, textToSpeech, glossary } = file;
  return {
    itemId: file.id,
    type: file.type,
    ...core?.metadata,
    ...core?.testAdministration,
    ...withoutUndefined({
      itemJsonVersion: file.version,
      stimulusId: core?.stimulusId,
      tutorialId: core?.tutorialId,
      workflowStatus: file.workflow?.workflowStatusCode,
      aslRequired: asl?.isAslRequired,
      aslProvided: asl?.isAslProvided,
      aslAttachments: asl?.attachments,
      brailleRequired: braille?.isBrailleRequired,
      brailleProvided: braille?.isBrailleProvided,
      brailleAttachments: braille?.attachments,
      closedCaptionsRequired: cc?.isCcRequired,
      closedCaptionsProvided: cc?.isCcProvided,
      closedCaptionsAttachments: cc?.attachments,
      translationRequired: file.translations?.esp?.isRequired,
      translationProvided: file.translations?.esp?.isProvided,
      visualTextToSpeechRequired: textToSpeech?.isVisualTTSRequired,
      visualTextToSpeechProvided: textToSpeech?.isVisualTTSProvided,
      sightTextToSpeechProvided: textToSpeech?.isSightTTSProvided,
      englishGlossaryProvided: glossary?.isEnglishGlossaryProvided,
      illustratedGlossaryRequired: glossary?.isIllustratedGlossaryRequired,
      illustratedGlossaryProvided: glossary?.isIllustratedGlossaryProvided,
      translatedGlossaryRequired: glossary?.isTranslatedGlossaryRequired,
      translatedGlossaryProvided: glossary?.isTranslatedGlossaryProvided,
    }),
  };
}

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

function withoutUndefined<Fields extends object>(fields: Fields): Defined<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Fields>;
}
