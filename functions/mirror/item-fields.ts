import type { FieldIssue } from '../shared/contract/job-execution.ts';
import { entriesOf, flagOf, type Part, partOf, textOf, textOrFlagOf, wholeNumberOf } from './json-values.ts';

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

/** The fields of an item.json that the mirror shows. Fields that are missing, empty or unreadable in the file are absent. */
export interface ItemFields extends MetadataFields, TestAdministrationFields, AccessibilityFields {
  itemId: string;
  type: string;
  itemJsonVersion?: string;
  stimulusId?: string;
  tutorialId?: string;
  workflowStatus?: string;
  /** The first unreadable values of the file, in the order in which they are read; absent if there are none. */
  fieldIssues?: FieldIssue[];
}

/** The fields that every item has. */
type RequiredFields = Pick<ItemFields, 'itemId' | 'type'>;

/**
 * Reads the other fields of an item.json. All are optional: a tutorial has no metadata, a stimulus has no `stimulusId`.
 * A field that cannot be read is left out, and noted as an issue.
 */
export function readItemFields(file: Part, required: RequiredFields): ItemFields {
  const core = partOf(file, 'core');
  return {
    ...required,
    ...metadataOf(partOf(core, 'metadata')),
    ...testAdministrationOf(partOf(core, 'testAdministration')),
    ...withoutUndefined({
      itemJsonVersion: textOf(file, 'version'),
      stimulusId: textOf(core, 'stimulusId'),
      tutorialId: textOf(core, 'tutorialId'),
      workflowStatus: workflowStatusIn(file),
      ...accessibilityOf(file),
    }),
    ...(file.issues.length > 0 && { fieldIssues: file.issues }),
  };
}

export const workflowStatusIn = (file: Part): string | undefined =>
  textOf(partOf(file, 'workflow'), 'workflowStatusCode');

function metadataOf(metadata: Part): MetadataFields {
  const fields = Object.entries(METADATA_NAMES).flatMap(([field, names]) => {
    for (const name of names) {
      const value = textOf(metadata, name);
      if (value !== undefined) return [[field, value]];
    }
    return [];
  });
  return Object.fromEntries(fields);
}

// With this limit, JavaScript represents the sum over all forms that fit into a file exactly.
const MAX_EXPOSURES = 1_000_000_000;
// JavaScript represents all whole numbers of up to 15 digits exactly.
const MAX_QUINTILE = 999_999_999_999_999;

function testAdministrationOf(tests: Part): TestAdministrationFields {
  const fieldTestId = textOf(tests, 'fieldTestAdministrationId');
  let administrations = 0;
  let formCount = 0;
  let exposuresCount = 0;
  let fieldTest: { quintile: number | undefined } | undefined;
  for (const administration of entriesOf(tests, 'administrations')) {
    administrations += 1;
    for (const form of entriesOf(administration, 'forms')) {
      formCount += 1;
      exposuresCount += wholeNumberOf(form, 'exposures', MAX_EXPOSURES) ?? 0;
    }
    const id = textOf(administration, 'administrationId');
    const data = partOf(administration, 'fieldTestData');
    const quintile = wholeNumberOf(data, 'itemDifficultyQuintile', MAX_QUINTILE);
    if (id !== undefined && id === fieldTestId) fieldTest ??= { quintile };
  }
  if (administrations === 0) return {};
  return {
    formCount,
    exposuresCount,
    ...(fieldTest?.quintile !== undefined && { itemDifficultyQuintile: fieldTest.quintile }),
  };
}

function accessibilityOf(file: Part) {
  const [asl, braille, cc] = [partOf(file, 'asl'), partOf(file, 'braille'), partOf(file, 'cc')];
  const spanish = partOf(partOf(file, 'translations'), 'esp');
  const [speech, glossary] = [partOf(file, 'textToSpeech'), partOf(file, 'glossary')];
  return {
    aslRequired: textOrFlagOf(asl, 'isAslRequired'),
    aslProvided: flagOf(asl, 'isAslProvided'),
    aslAttachments: attachmentsOf(asl),
    brailleRequired: textOrFlagOf(braille, 'isBrailleRequired'),
    brailleProvided: flagOf(braille, 'isBrailleProvided'),
    brailleAttachments: attachmentsOf(braille),
    closedCaptionsRequired: textOrFlagOf(cc, 'isCcRequired'),
    closedCaptionsProvided: flagOf(cc, 'isCcProvided'),
    closedCaptionsAttachments: attachmentsOf(cc),
    translationRequired: textOrFlagOf(spanish, 'isRequired'),
    translationProvided: flagOf(spanish, 'isProvided'),
    visualTextToSpeechRequired: textOrFlagOf(speech, 'isVisualTTSRequired'),
    visualTextToSpeechProvided: flagOf(speech, 'isVisualTTSProvided'),
    sightTextToSpeechProvided: flagOf(speech, 'isSightTTSProvided'),
    englishGlossaryProvided: flagOf(glossary, 'isEnglishGlossaryProvided'),
    illustratedGlossaryRequired: textOrFlagOf(glossary, 'isIllustratedGlossaryRequired'),
    illustratedGlossaryProvided: flagOf(glossary, 'isIllustratedGlossaryProvided'),
    translatedGlossaryRequired: textOrFlagOf(glossary, 'isTranslatedGlossaryRequired'),
    translatedGlossaryProvided: flagOf(glossary, 'isTranslatedGlossaryProvided'),
  };
}

/** The latest upload of each file name; undefined if there is none. */
function attachmentsOf(part: Part): ItemAttachment[] | undefined {
  const uploads: { fileName: string; uploadedAt: string | undefined; uploadedMs: number }[] = [];
  for (const upload of entriesOf(part, 'attachments')) {
    const fileName = textOf(upload, 'fileName');
    const uploadedAt = textOf(upload, 'uploadedDate');
    // An upload without a valid date counts as older than any other.
    const uploadedMs = Date.parse(uploadedAt ?? '') || 0;
    if (fileName !== undefined) uploads.push({ fileName, uploadedAt, uploadedMs });
  }
  const latest = new Map<string, ItemAttachment>();
  for (const { fileName, uploadedAt } of uploads.toSorted((a, b) => a.uploadedMs - b.uploadedMs)) {
    latest.set(fileName, { fileName, ...(uploadedAt && { uploadedAt }) });
  }
  if (latest.size === 0) return undefined;
  return [...latest.values()].toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1));
}

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

function withoutUndefined<Fields extends object>(fields: Fields): Defined<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Fields>;
}
