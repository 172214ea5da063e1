import type { QueryForm } from './graphql.ts';

interface Aliases<Wanted> {
  /** Fields of Repository. Each repository has its own values of the variables in them. */
  fields: string;
  /** Types of the variables. */
  types: Readonly<Record<string, string>>;
  valuesOf: (wanted: Wanted) => Readonly<Record<string, unknown>>;
}

/** A query about several repositories by aliases. What tells them apart is in variables, never in the text. */
export function aliased<Wanted extends { nodeId: string }>(aliases: Aliases<Wanted>): QueryForm<Wanted> {
  const types = { id: 'ID!', ...aliases.types };
  const selection = `node(id: $id) { ... on Repository { owner { login } ${aliases.fields} } }`;
  return {
    query: (wanted) => {
      const numbers = [...wanted.keys()];
      const declared = numbers.flatMap((number) =>
        Object.entries(types).map(([name, type]) => `$${name}${number}: ${type}`),
      );
      const selected = numbers.map((number) => `${aliasOf(number)}: ${numbered(selection, number)}`);
      const values = wanted.flatMap((each, number) =>
        Object.entries({ id: each.nodeId, ...aliases.valuesOf(each) }).map(([name, value]) => [
          `${name}${number}`,
          value,
        ]),
      );
      return {
        text: `query (${declared.join(', ')}) {\n${selected.join('\n')}\n}`,
        variables: Object.fromEntries(values),
      };
    },
    placeOf: (index) => [aliasOf(index)],
  };
}

const aliasOf = (number: number): string => `r${number}`;

/** With the variables of the one that has this number. */
function numbered(selection: string, number: number): string {
  return selection.replaceAll(/\$\w+/g, (variable) => `${variable}${number}`);
}
