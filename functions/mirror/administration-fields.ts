import {
  entriesOf,
  isSilent,
  type Part,
  partOf,
  storable,
  textOf,
  wholeNumberOf,
  writtenTextOf,
} from './json-values.ts';

/** A form of a test that has the item. */
interface Form {
  formId?: string;
  formType?: string;
  assessmentType?: string;
  exposures?: number;
}

export interface AdministrationFields {
  /** Of all administrations; absent if there is none. */
  formCount?: number;
  exposuresCount?: number;
  /** Of the field test. */
  itemDifficultyQuintile?: number;
  /** Of all administrations, in the order of the file. Absent without forms; stimuli and tutorials have none. */
  forms?: Form[];
}

// With this limit, JavaScript represents the sum over all forms that fit into a file exactly.
const MAX_EXPOSURES = 1_000_000_000;
// JavaScript represents all whole numbers of up to 15 digits exactly.
const MAX_QUINTILE = 999_999_999_999_999;

/** @param tests `core.testAdministration`. */
export function administrationFields(tests: Part, isAssessmentItem: boolean): AdministrationFields {
  const fieldTestId = textOf(tests, 'fieldTestAdministrationId');
  const hasBlankId = isSilent(tests, 'fieldTestAdministrationId');
  let administrations = 0;
  let exposuresCount = 0;
  let fieldTest: { quintile: number | undefined } | undefined;
  const forms: Form[] = [];
  for (const administration of entriesOf(tests, 'administrations')) {
    administrations += 1;
    for (const form of entriesOf(administration, 'forms')) {
      const exposures = wholeNumberOf(form, 'exposures', MAX_EXPOSURES);
      exposuresCount += exposures ?? 0;
      forms.push({ ...formOf(form), ...(exposures !== undefined && { exposures }) });
    }
    const id = textOf(administration, 'administrationId');
    const data = partOf(administration, 'fieldTestData');
    const quintile = wholeNumberOf(data, 'itemDifficultyQuintile', MAX_QUINTILE);
    // Two blank ids are equal, because the authoring tool does not require ids. One that cannot be read equals none.
    const areBlank = hasBlankId && isSilent(administration, 'administrationId');
    if (id === undefined ? areBlank : id === fieldTestId) fieldTest = { quintile };
  }
  if (administrations === 0) return {};
  const shown = isAssessmentItem ? storable(tests, 'administrations', forms) : [];
  return {
    formCount: forms.length,
    exposuresCount,
    ...(fieldTest?.quintile !== undefined && { itemDifficultyQuintile: fieldTest.quintile }),
    ...(shown.length > 0 && { forms: shown }),
  };
}

function formOf(form: Part): Form {
  const formId = writtenTextOf(form, 'formId');
  const formType = writtenTextOf(form, 'formType');
  const assessmentType = writtenTextOf(form, 'assessmentType');
  return {
    ...(formId !== undefined && { formId }),
    ...(formType !== undefined && { formType }),
    ...(assessmentType !== undefined && { assessmentType }),
  };
}
