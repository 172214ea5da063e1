import type { FieldIssue } from '../shared/contract/job-execution.ts';
import { type AccessibilityFields, accessibilityFields } from './accessibility-fields.ts';
import { type AdministrationFields, administrationFields } from './administration-fields.ts';
import { type AssignmentFields, assignmentFields } from './assignment-fields.ts';
import {
  dateOf,
  idOf,
  lengthOf,
  MAX_NOTE_CHARACTERS,
  type Part,
  partOf,
  textOf,
  withoutUndefined,
  writtenTextOf,
} from './json-values.ts';
import { isAssessmentItem } from './keywords.ts';
import { type UpdateNeedFields, updateNeedFields } from './update-need-fields.ts';

/**
 * Fields of `core.metadata` and their names in item.json. The first name that has a value wins: the newest one, and for
 * standards the documented one.
 */
export const METADATA_NAMES = {
  subject: ['subject'],
  grade: ['intendedGrade', 'grade'],
  depthOfKnowledge: ['depthOfKnowledge'],
  primaryClaim: ['primaryClaim'],
  primaryTarget: ['primaryTarget', 'primaryAssessmentTarget'],
  primaryContentDomain: ['primaryContentDomain'],
  primaryCommonCoreStandard: ['primaryCommonCoreStandard', 'primaryStandard'],
  secondaryClaim: ['secondaryClaim'],
  secondaryTarget: ['secondaryTarget', 'secondaryAssessmentTarget'],
  secondaryContentDomain: ['secondaryContentDomain'],
  secondaryCommonCoreStandard: ['secondaryCommonCoreStandard', 'secondaryStandard'],
  tertiaryClaim: ['tertiaryClaim'],
  tertiaryTarget: ['tertiaryTarget', 'tertiaryAssessmentTarget'],
  tertiaryContentDomain: ['tertiaryContentDomain'],
  tertiaryCommonCoreStandard: ['tertiaryCommonCoreStandard', 'tertiaryStandard'],
  quaternaryClaim: ['quaternaryClaim'],
  quaternaryTarget: ['quaternaryTarget', 'quaternaryAssessmentTarget'],
  quaternaryContentDomain: ['quaternaryContentDomain'],
  quaternaryCommonCoreStandard: ['quaternaryCommonCoreStandard', 'quaternaryStandard'],
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

export type MetadataFields = Partial<Record<keyof typeof METADATA_NAMES, string>>;

/** The ids that the authoring tool computes from claim, target, standard, domain and grade. */
const ENHANCED_IDS = ['primary', 'secondary', 'tertiary', 'quaternary'].map((rank) => `${rank}EnhancedId`);

interface EnhancedIds {
  primaryEnhancedId?: string;
  secondaryEnhancedId?: string;
  tertiaryEnhancedId?: string;
  quaternaryEnhancedId?: string;
}

/** Dates are ISO 8601, UTC, with milliseconds. */
interface ContentFields {
  englishContentUpdatedAt?: string;
  spanishContentUpdatedAt?: string;
  /** Of a stimulus; absent if they cannot be read. Zero for any other type. */
  englishPassagesCount?: number;
  spanishPassagesCount?: number;
  stateSpecificUse?: string;
  stateSpecificUseDescription?: string;
}

/** The fields of an item.json that the mirror shows. Fields that are missing, empty or unreadable in the file are absent. */
export interface ItemFields
  extends MetadataFields,
    AdministrationFields,
    AccessibilityFields,
    AssignmentFields,
    UpdateNeedFields,
    ContentFields,
    EnhancedIds {
  /** A whole number without leading zeros, like `stimulusId`. */
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
 * Reads the other fields of an item.json. All are optional: a tutorial may have no metadata, a stimulus has no
 * `stimulusId`. A field that cannot be read is left out, and noted as an issue.
 */
export function readItemFields(file: Part, required: RequiredFields): ItemFields {
  const core = partOf(file, 'core');
  const metadata = partOf(core, 'metadata');
  const content = contentFields(file, { core, metadata, type: required.type });
  return {
    ...required,
    ...metadataFields(metadata),
    ...administrationFields(partOf(core, 'testAdministration'), isAssessmentItem(required.type)),
    ...withoutUndefined({
      itemJsonVersion: textOf(file, 'version'),
      stimulusId: idOf(core, 'stimulusId'),
      tutorialId: textOf(core, 'tutorialId'),
      workflowStatus: workflowStatusIn(file),
    }),
    ...accessibilityFields(file),
    ...content,
    ...enhancedIds(partOf(file, 'serverManaged')),
    ...assignmentFields(file),
    ...updateNeedFields(core),
    ...(file.issues.length > 0 && { fieldIssues: file.issues }),
  };
}

export const workflowStatusIn = (file: Part): string | undefined =>
  textOf(partOf(file, 'workflow'), 'workflowStatusCode');

function metadataFields(metadata: Part): MetadataFields {
  const fields = Object.entries(METADATA_NAMES).flatMap(([field, names]) => {
    for (const name of names) {
      const value = textOf(metadata, name);
      if (value !== undefined) return [[field, value]];
    }
    return [];
  });
  return Object.fromEntries(fields);
}

function contentFields(
  file: Part,
  { core, metadata, type }: { core: Part; metadata: Part; type: string },
): ContentFields {
  const english = partOf(core, 'en');
  const spanish = partOf(partOf(file, 'translations'), 'esp');
  const isStimulus = type === 'stim';
  return {
    ...withoutUndefined({
      englishContentUpdatedAt: dateOf(english, 'updatedDate'),
      spanishContentUpdatedAt: dateOf(spanish, 'updatedDate'),
      stateSpecificUse: writtenTextOf(metadata, 'stateSpecificUse'),
      stateSpecificUseDescription: writtenTextOf(
        metadata,
        'stateSpecificUseDescription',
        MAX_NOTE_CHARACTERS,
      ),
      englishPassagesCount: isStimulus ? lengthOf(english, 'passages') : 0,
      spanishPassagesCount: isStimulus ? lengthOf(spanish, 'passages') : 0,
    }),
  };
}

function enhancedIds(serverManaged: Part): EnhancedIds {
  const ids = ENHANCED_IDS.map((name) => [name, writtenTextOf(serverManaged, name)]);
  return withoutUndefined(Object.fromEntries(ids));
}
