import * as z from '../shared/zod.ts';

/** Fields of `core.metadata` and their names in item.json, the newest first. The newest name that has a value wins. */
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
  /** Of all administrations; absent if there is none. */
  formCount?: number;
  exposuresCount?: number;
  /** Of the field test. */
  itemDifficultyQuintile?: number;
}

interface ItemAttachment {
  fileName: string;
  /** As written in item.json. */
  uploadedAt?: string;
}

/** The authoring tool writes `…Required` as text: `true`, `false`, `undetermined`, `Yes`, … */
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
  /** The translation into Spanish. */
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

/** The fields of an item.json that the mirror shows. Fields that are missing or empty in the file are absent. */
export interface ItemFields extends MetadataFields, TestAdministrationFields, AccessibilityFields {
  itemId: string;
  type: string;
  itemJsonVersion?: string;
  stimulusId?: string;
  tutorialId?: string;
  workflowStatus?: string;
}

// The item id and the stimulus id are keys of indexes, for which DynamoDB's limit is 2,048 bytes. 500 characters of UTF-8
// have at most 1,500.
const MAX_CHARACTERS = 500;

const characters = z.string().check(z.maxLength(MAX_CHARACTERS, `more than ${MAX_CHARACTERS} characters`));
const trimmed = characters.check(z.trim());
// JSON can escape half of a surrogate pair. UTF-8, and therefore DynamoDB, cannot represent it.
const emptyAsAbsent = (value: string | null | undefined) => (value ? value.toWellFormed() : undefined);
const text = z.pipe(z.nullish(trimmed), z.transform(emptyAsAbsent));

const flagAsText = z.pipe(z.boolean(), z.transform(String));
const required = z.pipe(
  z.nullish(z.union([trimmed, flagAsText], 'expected string or boolean')),
  z.transform(emptyAsAbsent),
);

const FLAGS = { true: true, false: false, '': undefined } as const;
const textAsFlag = z.pipe(
  z.enum(['true', 'false', '']),
  z.transform((value) => FLAGS[value]),
);
const provided = z.pipe(
  z.nullish(z.union([z.boolean(), textAsFlag], 'expected boolean, "true" or "false"')),
  z.transform((value) => value ?? undefined),
);

/** A part of item.json that may be absent. Its other fields are ignored. */
const part = <Shape extends z.core.$ZodShape>(shape: Shape) => z.nullish(z.object(shape));

/**
 * A list that may be absent. Reading ends at the first fault: zod would report all of them, and a file has room for half
 * a million, which is more than the memory of a function can hold.
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
  z.transform((values): MetadataFields => {
    const fields = Object.entries(METADATA_NAMES).flatMap(([field, names]) => {
      const value = names.map((name) => values?.[name]).find((candidate) => candidate !== undefined);
      return value === undefined ? [] : [[field, value]];
    });
    return Object.fromEntries(fields);
  }),
);

// With this limit, JavaScript represents the sum over all forms that fit into a file exactly.
const MAX_EXPOSURES = 1_000_000_000;
const form = z.object({ exposures: z.nullish(z.int().check(z.minimum(0), z.maximum(MAX_EXPOSURES))) });
const administration = z.object({
  administrationId: text,
  forms: listOf(form),
  fieldTestData: part({ itemDifficultyQuintile: text }),
});
const tests = z.object({ fieldTestAdministrationId: text, administrations: listOf(administration) });
const testAdministration = z.pipe(
  z.nullish(tests),
  z.transform((value): TestAdministrationFields => {
    if (!value || value.administrations.length === 0) return {};
    const { administrations, fieldTestAdministrationId: fieldTestId } = value;
    const forms = administrations.flatMap((one) => one.forms);
    const named = administrations.filter(({ administrationId }) => administrationId !== undefined);
    const fieldTest = named.find(({ administrationId }) => administrationId === fieldTestId);
    const quintile = fieldTest?.fieldTestData?.itemDifficultyQuintile ?? '';
    // A JavaScript number represents all whole numbers of up to 15 digits exactly.
    const isWholeNumber = /^\d{1,15}$/.test(quintile);
    return {
      formCount: forms.length,
      exposuresCount: forms.reduce((sum, { exposures }) => sum + (exposures ?? 0), 0),
      ...(isWholeNumber && { itemDifficultyQuintile: Number(quintile) }),
    };
  }),
);

const upload = z.object({ fileName: text, uploadedDate: text });
/** The latest upload of each file name; undefined if there is none. */
const attachments = z.pipe(
  listOf(upload),
  z.transform((uploads): ItemAttachment[] | undefined => {
    const latest = new Map<string, ItemAttachment>();
    // An upload without a valid date counts as older than any other.
    const byTime = uploads
      .map((file) => ({ ...file, uploadedMs: Date.parse(file.uploadedDate ?? '') || 0 }))
      .toSorted((a, b) => a.uploadedMs - b.uploadedMs);
    for (const { fileName, uploadedDate: uploadedAt } of byTime) {
      if (fileName !== undefined) latest.set(fileName, { fileName, ...(uploadedAt && { uploadedAt }) });
    }
    if (latest.size === 0) return undefined;
    return [...latest.values()].toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1));
  }),
);

const workflow = part({ workflowStatusCode: text });

/** The workflow status of an item.json, whether or not its other fields are valid. */
export const WorkflowStatus = z.pipe(
  z.object({ workflow }),
  z.transform((file) => file.workflow?.workflowStatusCode),
);

const ItemJsonFile = z.object({
  id: characters,
  type: z.pipe(
    trimmed.check(z.minLength(1, 'must not be empty')),
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
 * Reads an item.json as the fields that the mirror shows. These must have the right types; other fields are ignored.
 * Nearly all are optional: a tutorial has no metadata, a stimulus has no `stimulusId`. `null` counts as absent.
 */
export const ItemJson = z.pipe(
  ItemJsonFile,
  z.transform((file): ItemFields => {
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
  }),
);

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

function withoutUndefined<Fields extends object>(fields: Fields): Defined<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Fields>;
}
