import { createRandom, type Random } from '../random.ts';
import { englishContent } from './interactions.ts';
import type { ItemType, Subject } from './item-types.ts';
import { metadata } from './metadata.ts';
import { pick } from './prose.ts';
import { workOnItem } from './work-on-item.ts';

export interface Attachment {
  readonly fileName: string;
  readonly fileType: string;
  readonly size: number;
  readonly uploadedDate: string;
}

/** Properties of an item that never change. */
export interface ItemTraits {
  readonly seed: number;
  readonly number: number;
  readonly type: ItemType;
  readonly subject: Subject;
  readonly names: 'older' | 'newer';
  readonly stimulusId: string | null;
  readonly tutorialId: string | null;
}

/** Properties of an item that change from commit to commit. */
export interface ItemState {
  readonly status: string;
  /** Increases when the text is rewritten. */
  readonly edition: number;
  /** When the edition was written. */
  readonly updatedDate: string;
  readonly asl: readonly Attachment[];
  readonly braille: readonly Attachment[];
}

const REQUIRED = ['true', 'false', 'undetermined'];

/** The item.json of this state. Constant parts are drawn from a random stream that depends only on the item. */
export function itemJson(traits: ItemTraits, state: ItemState): string {
  const { seed, number, type, subject, names } = traits;
  const constant = createRandom(seed, `item ${number}`);
  const written = createRandom(seed, `item ${number} edition ${state.edition}`);
  const fields = type === 'tut' ? {} : { metadata: metadata({ type, subject, names, random: constant }) };
  const { assignments, contentUpdateNeeds, ...tests } = workOnItem(traits);
  const item = {
    id: String(number),
    type,
    version: names === 'older' ? 'iat-4' : 'iat-5',
    core: {
      ...linksOf(traits),
      ...fields,
      en: { ...englishContent(type, subject, written), updatedDate: state.updatedDate },
      attachments: [],
      contentUpdateNeeds,
      ...tests,
    },
    assignments,
    ...accessibility(state, constant),
    images: { imageResources: [] },
    audio: { audioResources: [] },
    ...(names === 'newer' ? { serverManaged: serverManaged(traits) } : {}),
    textToSpeech: {
      isVisualTTSRequired: pick(REQUIRED, constant),
      isVisualTTSProvided: constant.fraction() < 0.5,
      isSightTTSProvided: constant.fraction() < 0.5,
    },
    workflow: { workflowStatusCode: state.status },
    translations: { esp: translation(traits, state, constant) },
  };
  return format(item, names);
}

const linksOf = ({ type, stimulusId, tutorialId }: ItemTraits) =>
  type === 'stim' || type === 'tut' ? {} : { stimulusId, tutorialId, enemyItems: [] };

function accessibility({ asl, braille }: ItemState, random: Random) {
  return {
    asl: {
      attachments: asl,
      isAslRequired: asl.length > 0 ? 'true' : pick(REQUIRED, random),
      isAslProvided: asl.length > 0,
    },
    braille: {
      attachments: braille,
      isBrailleRequired: braille.length > 0 ? 'true' : pick(REQUIRED, random),
      isBrailleProvided: braille.length > 0,
    },
    cc: {
      attachments: [],
      isCcRequired: pick(REQUIRED, random),
      isCcProvided: false,
      itemCcAudioAssociations: [],
    },
  };
}

function serverManaged({ number, type, subject }: ItemTraits) {
  const isTest = type !== 'stim' && type !== 'tut';
  const primaryEnhancedId = isTest ? `${subject === 'ELA' ? 'E' : 'M'}.G5.C1.T${number % 9}` : '';
  return { id: String(number), itsId: '', primaryEnhancedId, type, version: '' };
}

function translation({ type, subject }: ItemTraits, { edition, updatedDate }: ItemState, random: Random) {
  const isProvided = edition > 1 && random.fraction() < 0.4;
  const text = isProvided ? `<p>Traducción de ${subject === 'ELA' ? 'la lectura' : 'la pregunta'}.</p>` : '';
  const content = type === 'stim' || type === 'tut' ? { content: text } : { prompt: text, options: [] };
  return { ...content, updatedDate, isRequired: isProvided ? 'true' : 'undetermined', isProvided };
}

/** The older authoring tool wrote a space before the colon. */
function format(item: object, names: 'older' | 'newer'): string {
  const text = JSON.stringify(item, null, 2);
  return `${names === 'older' ? text.replaceAll(/^(\s*"\w+"):/gm, '$1 :') : text}\n`;
}
