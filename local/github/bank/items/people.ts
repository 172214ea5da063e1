/** An account of an author or reviewer. */
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

export const PEOPLE: readonly Person[] = NAMES.map((name, index) => {
  // First initial and last name, such as `aoyelaran`.
  const login = `${name[0] ?? ''}${name.split(' ').at(-1) ?? ''}`.toLowerCase();
  return { id: FIRST_USER_ID + 37 * index, login, name, email: `${login}@assessments.example.org` };
});

/** The account with which the authoring tool commits what people save. */
export const AUTHORING_TOOL: Person = {
  id: FIRST_USER_ID - 1,
  login: 'item-authoring',
  name: 'Item Authoring',
  email: 'item-authoring@assessments.example.org',
};

/** The owner of the token, and the default author of writes. */
export const VIEWER: Person = {
  id: 1,
  login: 'item-bank-operator',
  name: 'Item Bank Operator',
  email: 'item-bank-operator@assessments.example.org',
};

const EVERYBODY = [...PEOPLE, AUTHORING_TOOL, VIEWER];
const BY_EMAIL = new Map(EVERYBODY.map((person) => [person.email, person]));
const BY_LOGIN = new Map(EVERYBODY.map((person) => [person.login, person]));

/** Undefined if no account has the address. */
export function personWithEmail(email: string): Person | undefined {
  return BY_EMAIL.get(email.toLowerCase());
}

/** Ignores case, like GitHub. */
export function personWithLogin(login: string): Person | undefined {
  return BY_LOGIN.get(login.toLowerCase());
}
