import { type ItemKey, ItemKeyCodec, SCHEMA_VERSION } from '../../functions/mirror/mirror-rows.ts';
import { deleteRows, putRows, type Row, type Table } from '../../functions/shared/dynamodb.ts';
import { allRows } from './dynamodb.ts';

/** Attributes that the second version of the rows did not have, or that say that a row is of a later one. */
const NEW_IN_VERSION_3 = [
  ...['createdByLogin', 'updatedByLogin', 'operationalSince', 'contentChangedAfterOperational'],
  ...['aslUploadedBeforeContentUpdate', 'brailleUploadedBeforeContentUpdate'],
  ...['closedCaptionsUploadedBeforeContentUpdate', 'englishPassagesCount', 'spanishPassagesCount'],
  ...['hasUnresolvedUpdateNeed', 'cause', 'revisionsSchemaVersion'],
];

/** Makes the rows of a mirror those of version 2: revisions had only the author's date, and logins in place of names. */
export async function asVersion2(table: Table): Promise<void> {
  const rows = await allRows(table);
  const former = rows.map((row): Row => {
    const { sk, committedAt: _, authorLogin, ...others } = row;
    if (String(sk).startsWith('REVISION#')) return { sk, ...others, author: authorLogin ?? row['author'] };
    if (sk !== 'ITEM' || row['schemaVersion'] === undefined) return row;
    const kept = Object.entries(row).filter(([name]) => !NEW_IN_VERSION_3.includes(name));
    const createdBy = row['createdByLogin'] ?? row['createdBy'];
    const updatedBy = row['updatedByLogin'] ?? row['updatedBy'];
    return { ...Object.fromEntries(kept), createdBy, updatedBy, schemaVersion: 2 };
  });
  await putRows(table, former);
  const keywords = rows.filter(({ sk }) => sk === 'KEYWORDS').map((row) => ItemKeyCodec.parse(row));
  await deleteRows(
    table,
    keywords.map(({ itemBankId, sk }): ItemKey => ({ itemBankId, sk })),
  );
}

/** Makes the items of a mirror those of an earlier version, which read other fields. Their revisions stay as they are. */
export async function asEarlierFields(table: Table): Promise<void> {
  const items = (await allRows(table)).filter(
    (row) => row['sk'] === 'ITEM' && row['schemaVersion'] !== undefined,
  );
  await putRows(
    table,
    items.map((row) => ({
      ...row,
      schemaVersion: SCHEMA_VERSION - 1,
      revisionsSchemaVersion: row['revisionsSchemaVersion'] ?? row['schemaVersion'],
      subject: 'as it was read before',
    })),
  );
}
