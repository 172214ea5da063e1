import { describe, expect, it } from 'vitest';
import { readItemJson } from '../../../../functions/mirror/item-json.ts';
import { fileOf } from '../../../support/item-json.ts';

/** What the authoring tool writes for every item, before anybody has filled it in. */
const UNFILLED = {
  asl: { attachments: [], isAslRequired: 'undetermined', isAslProvided: false },
  braille: { attachments: [], isBrailleRequired: 'undetermined', isBrailleProvided: false },
  cc: { attachments: [], isCcRequired: 'undetermined', isCcProvided: false, itemCcAudioAssociations: [] },
  images: { imageResources: [] },
  audio: { audioResources: [] },
  textToSpeech: {
    isVisualTTSRequired: 'undetermined',
    isVisualTTSProvided: false,
    isSightTTSProvided: false,
  },
};
const UNFILLED_FIELDS = {
  aslRequired: 'undetermined',
  aslProvided: false,
  aslUploadedBeforeContentUpdate: false,
  brailleRequired: 'undetermined',
  brailleProvided: false,
  brailleUploadedBeforeContentUpdate: false,
  closedCaptionsRequired: 'undetermined',
  closedCaptionsProvided: false,
  closedCaptionsUploadedBeforeContentUpdate: false,
  translationRequired: 'undetermined',
  translationProvided: false,
  visualTextToSpeechRequired: 'undetermined',
  visualTextToSpeechProvided: false,
  sightTextToSpeechProvided: false,
  hasUnresolvedUpdateNeed: false,
};

const MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML"><mn>7</mn><mo>&#215;</mo><mn>8</mn></math>';
const spanish = (content: object) => ({ esp: { ...content, isRequired: 'undetermined', isProvided: false } });

/** Items with the parts of whole files of the authoring tool, and all that the mirror reads of them. */
const ITEMS = {
  'a multiple choice item': {
    file: {
      ...{ id: '310001', type: 'mc', version: 'iat-5', ...UNFILLED },
      core: {
        ...{ stimulusId: null, tutorialId: null, enemyItems: [], attachments: [] },
        metadata: {
          ...{ grade: '4', subject: 'Math', primaryClaim: '1', primaryAssessmentTarget: 'C', calculator: '' },
          ...{ pencilPaper: 'Yes', stateSpecificUse: 'No', stateSpecificUseDescription: 'None' },
        },
        en: {
          prompt: `<p>Which number equals&nbsp;${MATH}?</p>`,
          options: [
            { rationale: 'Adds.', text: '<p>15</p>', isCorrectAnswer: false },
            { rationale: 'Right.', text: '<p>56</p>', isCorrectAnswer: true },
          ],
          ...{ isRequired: 'true', isProvided: true },
        },
      },
      serverManaged: {
        id: '310001',
        itsId: '',
        primaryEnhancedId: 'M.G4.C1OA.TC.A',
        secondaryEnhancedId: '',
      },
      glossary: {
        ...{ isEnglishGlossaryProvided: true, isIllustratedGlossaryProvided: false, terms: [] },
        ...{ isIllustratedGlossaryRequired: 'No', isTranslatedGlossaryProvided: true },
        isTranslatedGlossaryRequired: 'Yes',
      },
      workflow: { workflowStatusCode: 'Draft' },
      translations: spanish({ prompt: '', options: [] }),
    },
    fields: {
      ...{ itemId: '310001', type: 'mc', itemJsonVersion: 'iat-5', workflowStatus: 'Draft' },
      ...{ grade: '4', subject: 'Math', primaryClaim: '1', primaryTarget: 'C', pencilPaper: 'Yes' },
      ...{ stateSpecificUse: 'No', stateSpecificUseDescription: 'None', primaryEnhancedId: 'M.G4.C1OA.TC.A' },
      ...{ englishGlossaryProvided: true, illustratedGlossaryProvided: false },
      ...{ illustratedGlossaryRequired: 'No', translatedGlossaryProvided: true },
      translatedGlossaryRequired: 'Yes',
      ...{ englishPassagesCount: 0, spanishPassagesCount: 0 },
    },
    keywords: [
      { section: 'Prompt / Stem', content: `Which number equals ${MATH}?` },
      { section: 'Options', content: '15' },
      { section: 'Options', content: '56' },
    ],
  },
  'a stimulus': {
    file: {
      ...{ id: '310002', type: 'stim', version: 'iat-5', ...UNFILLED },
      core: {
        metadata: { depthOfKnowledge: '', pencilPaper: 'Yes' },
        en: { content: '<p>The bridge</p>', passages: [{ title: 'a', body: 'b' }], isRequired: 'true' },
        attachments: [],
      },
      workflow: { workflowStatusCode: 'Draft' },
      translations: spanish({
        content: 'El puente',
        passages: [
          { title: 'a', body: 'b' },
          { title: 'c', body: 'd' },
        ],
      }),
    },
    fields: {
      ...{ itemId: '310002', type: 'stim', itemJsonVersion: 'iat-5', workflowStatus: 'Draft' },
      ...{ pencilPaper: 'Yes', englishPassagesCount: 1, spanishPassagesCount: 2 },
    },
    keywords: [
      { section: 'Content', content: 'The bridge' },
      { section: 'Spanish Content', content: 'El puente' },
    ],
  },
  'a tutorial without metadata': {
    file: {
      ...{ id: '310003', type: 'tut', version: 'iat-5', ...UNFILLED },
      core: { en: { content: '<p>Click an answer</p>', isRequired: 'true' }, attachments: [] },
      workflow: { workflowStatusCode: 'SmarterContentReview' },
      translations: spanish({ content: '' }),
    },
    fields: {
      ...{ itemId: '310003', type: 'tut', itemJsonVersion: 'iat-5', workflowStatus: 'SmarterContentReview' },
      ...{ englishPassagesCount: 0, spanishPassagesCount: 0 },
    },
    keywords: [{ section: 'Content', content: 'Click an answer' }],
  },
};

describe('whole files of the authoring tool', () => {
  it.each(Object.entries(ITEMS))(
    'have the expected value of each field: %s',
    (_, { file, fields, keywords }) => {
      expect(readItemJson(fileOf(file))).toStrictEqual({
        kind: 'read',
        item: { ...UNFILLED_FIELDS, ...fields },
        keywords: { keywords, omitted: 0 },
        text: JSON.stringify(file),
      });
    },
  );
});
