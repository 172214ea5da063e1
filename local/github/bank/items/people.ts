/** Somebody who writes or reviews items, and has an account. */
export interface Person {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly email: string;
}

const NAMES = [
  'Amara Oyelaran',
  'Benedict Halloran',
  'Celeste Vanterpool',
  'Dmitri Kasparian',
  'Esperanza Quiroga',
  'Farid Nouri',
  'Greta Lindqvist',
  'Hiroko Tanabe',
  'Imogen Whitlock',
  'Joaquim Teixeira',
  'Kalinda Rao',
  'Lucian Mbeki',
];

const FIRST_USER_ID = 48_211_300;

/** First letter and last name, as `aoyelaran`. */
const loginOf = (name: string): string => `${name[0] ?? ''}${name.split(' ').at(-1) ?? ''}`.toLowerCase();

export const PEOPLE: readonly Person[] = NAMES.map((name, index) => {
  const login = loginOf(name);
  return { id: FIRST_USER_ID + 37 * index, login, name, email: `${login}@assessments.example.org` };
});

/** The account of the authoring tool, which commits what people save in it. */
export const AUTHORING_TOOL: Person = {
  id: FIRST_USER_ID - 1,
  login: 'item-authoring',
  name: 'Item Authoring',
  email: 'item-authoring@assessments.example.org',
};

/** Who the token belongs to: author of what is written without saying by whom. */
export const VIEWER: Person = {
  id: 1,
  login: 'item-bank-operator',
  name: 'Item Bank Operator',
  email: 'item-bank-operator@assessments.example.org',
};

const EVERYBODY = [...PEOPLE, AUTHORING_TOOL, VIEWER];
const BY_EMAIL = new Map(EVERYBODY.map((person) => [person.email, person]));
const BY_LOGIN = new Map(EVERYBODY.map((person) => [person.login, person]));

/** Undefined for an address that belongs to no account. */
export function personWithEmail(email: string): Person | undefined {
  return BY_EMAIL.get(email.toLowerCase());
}

/** In any case, as GitHub takes logins. */
export function personWithLogin(login: string): Person | undefined {
  return BY_LOGIN.get(login.toLowerCase());
}
