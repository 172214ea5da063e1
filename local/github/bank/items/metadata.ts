import type { Random } from '../random.ts';
import type { ItemType, Subject } from './item-types.ts';
import { pick } from './prose.ts';

/** Fields that the authoring tool writes empty for every item. */
const UNFILLED = [
  ...[
    'accessibilityLanguageComplexity',
    'calculator',
    'claim2Category',
    'contentTaskModel',
    'copyrightHolder',
  ],
  ...['itemPoint', 'knowledgeDemands', 'languageFeatures', 'maxGrade', 'meaningPurpose', 'minGrade'],
  ...['passageName', 'performanceTask', 'readabilityFleschKincaid', 'readabilityLexile', 'stimulusFormat'],
  ...['stimulusLength', 'structure', 'testCategory', 'wordCount', 'writingPurpose'],
];

const ORDINALS = ['primary', 'secondary', 'tertiary', 'quaternary'] as const;

/** Field names before the authoring tool's fifth version, and since then. */
const FIELD_NAMES = {
  older: { grade: 'grade', target: 'AssessmentTarget', standard: 'CommonCoreStandard' },
  newer: { grade: 'intendedGrade', target: 'Target', standard: 'Standard' },
} as const;

export interface MetadataRequest {
  type: ItemType;
  subject: Subject;
  names: keyof typeof FIELD_NAMES;
  random: Random;
}

export function metadata({ type, subject, names, random }: MetadataRequest): Record<string, string> {
  const { grade, target, standard } = FIELD_NAMES[names];
  const fields: Record<string, string> = Object.fromEntries(UNFILLED.map((name) => [name, '']));
  const isAsked = type !== 'stim';
  fields[grade] = pick(['3', '4', '5', '6', '7', '8', '11'], random);
  fields['subject'] = subject;
  fields['depthOfKnowledge'] = isAsked ? String(random.integer(1, 4)) : '';
  for (const [index, ordinal] of ORDINALS.entries()) {
    const isFilled = isAsked && (index === 0 || random.fraction() < 0.3 / index);
    fields[`${ordinal}Claim`] = isFilled ? String(random.integer(1, 4)) : '';
    fields[`${ordinal}${target}`] = isFilled ? pick(['A', 'B', 'C', 'D', 'E', 'F', 'G'], random) : '';
    fields[`${ordinal}${standard}`] = isFilled ? standardOf(subject, random) : '';
    fields[`${ordinal}ContentDomain`] = isFilled ? domainOf(subject, random) : '';
  }
  fields['pencilPaper'] = pick(['Yes', 'No'], random);
  fields['scoringEngine'] = ['sa', 'wer'].includes(type) ? 'handScored' : 'automatic';
  fields['scoringPoints'] = isAsked ? String(type === 'wer' ? 6 : random.integer(1, 2)) : '';
  fields['stateSpecificUse'] = 'No';
  fields['stateSpecificUseDescription'] = 'No description';
  return fields;
}

function standardOf(subject: Subject, random: Random): string {
  const number = random.integer(1, 9);
  if (subject === 'ELA') return `${pick(['RL', 'RI', 'W', 'L'], random)}.${number}`;
  return `${pick(['OA', 'NBT', 'NF', 'EE'], random)}.A.${number}`;
}

const domainOf = (subject: Subject, random: Random): string =>
  pick(subject === 'ELA' ? ['Reading', 'Writing', 'Language'] : ['OA', 'NBT', 'NF', 'EE'], random);
