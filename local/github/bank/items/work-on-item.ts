import { createRandom } from '../random.ts';
import type { ItemType } from './item-types.ts';
import { PEOPLE } from './people.ts';
import { pick } from './prose.ts';

const LEAD = 'lead@assessments.example.org';
const YEAR_MS = 365 * 24 * 3_600_000;
const SINCE = Date.UTC(2019, 0, 1);

/** Who works on an item, what has to be corrected, and the tests that had it. Most items have none of these. */
export function workOnItem({ seed, number, type }: { seed: number; number: number; type: ItemType }) {
  const random = createRandom(seed, `work on item ${number}`);
  const date = (): string => new Date(SINCE + random.integer(0, 7 * YEAR_MS)).toISOString();
  const assignments = Array.from({ length: random.integer(0, 2) }, () => ({
    assignedTo: pick(PEOPLE, random).email,
    assignedBy: LEAD,
    assignedDate: date(),
  }));
  const resolution = pick(['', 'NoAction', 'UpdateContentRedeploy'], random);
  const need = {
    createDate: date(),
    notes: 'Check the answer key.',
    resolution,
    resolutionDate: resolution === '' ? '' : date(),
    internalResolution: '',
    internalResolutionDate: '',
  };
  const form = {
    formId: `F${random.integer(1, 40)}`,
    formType: pick(['Operational', 'FieldTest'], random),
    assessmentType: pick(['Interim', 'Summative'], random),
    exposures: random.integer(0, 4_000),
  };
  const isTested = type !== 'stim' && type !== 'tut' && random.fraction() < 0.2;
  const administration = {
    administrationId: '',
    forms: [form],
    fieldTestData: { itemDifficultyQuintile: String(random.integer(1, 5)) },
  };
  return {
    assignments,
    contentUpdateNeeds: random.fraction() < 0.1 ? [need] : [],
    ...(isTested && { testAdministration: { administrations: [administration] } }),
  };
}
