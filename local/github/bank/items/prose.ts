import type { Random } from '../random.ts';
import type { Subject } from './item-types.ts';

const SETTINGS = [
  'the tide pool',
  'a rooftop garden',
  'the night train',
  'the old observatory',
  'a desert road',
];
const CHARACTERS = ['Marisol', 'the ferry pilot', 'Tobias', 'the two beekeepers', 'Grandfather Osei'];
const EVENTS = [
  'finds a map that nobody can read',
  'waits for a storm that never arrives',
  'repairs a clock with borrowed tools',
  'learns why the bridge was closed',
  'keeps a promise made years before',
];
const QUESTIONS = [
  'Which sentence best states the central idea of the passage?',
  'What does the reader learn about the narrator from this paragraph?',
  'Which detail supports the conclusion that the plan will change?',
  'How does the setting shape what the characters decide?',
  'What is the meaning of the underlined word as the author uses it?',
];
const THINGS = ['crates of oranges', 'metres of rope', 'tickets', 'glass beads', 'seed packets'];

export function pick<T>(members: readonly [T, ...T[]] | readonly T[], random: Random): T {
  const member = members[random.integer(0, members.length - 1)];
  if (member === undefined) throw new RangeError('Cannot pick from an empty list.');
  return member;
}

export function passage(random: Random): { title: string; body: string } {
  const [character, setting] = [pick(CHARACTERS, random), pick(SETTINGS, random)];
  const sentences = Array.from({ length: 3 }, () => `At ${setting}, ${character} ${pick(EVENTS, random)}.`);
  const title = `${character[0]?.toUpperCase() ?? ''}${character.slice(1)} at ${setting}`;
  return { title, body: `<p>${sentences.join('</p><p>')}</p>` };
}

export function question(subject: Subject, random: Random): string {
  if (subject === 'ELA') return `<p>${pick(QUESTIONS, random)}</p>`;
  const [count, size] = [random.integer(3, 12), random.integer(4, 25)];
  return `<p>A shop has ${count} shelves with ${size} ${pick(THINGS, random)} on each.&nbsp;Which expression gives the total?</p>`;
}

export function answer(subject: Subject, random: Random): string {
  if (subject === 'ELA') return `<p>${pick(CHARACTERS, random)} ${pick(EVENTS, random)}.</p>`;
  const [left, right] = [random.integer(3, 12), random.integer(4, 25)];
  return `<p><math xmlns="http://www.w3.org/1998/Math/MathML"><mn>${left}</mn><mo>&#215;</mo><mn>${right}</mn></math></p>`;
}
