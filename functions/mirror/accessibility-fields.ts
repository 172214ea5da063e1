import {
  areEntriesReadable,
  dateOf,
  entriesOf,
  flagOf,
  isSilent,
  type Part,
  partOf,
  textOf,
  textOrFlagOf,
  withoutUndefined,
} from './json-values.ts';

interface ItemAttachment {
  fileName: string;
  /** As written in item.json. */
  uploadedAt?: string;
}

/**
 * The authoring tool writes `…Required` as text: `true`, `false`, `undetermined`, `Yes`, … For sign language, braille,
 * captions and the translation, a file that says nothing means `undetermined` and false.
 */
export interface AccessibilityFields {
  aslRequired?: string;
  aslProvided?: boolean;
  aslAttachments?: ItemAttachment[];
  brailleRequired?: string;
  brailleProvided?: boolean;
  brailleAttachments?: ItemAttachment[];
  closedCaptionsRequired?: string;
  closedCaptionsProvided?: boolean;
  closedCaptionsAttachments?: ItemAttachment[];
  /** The translation into Spanish. */
  translationRequired?: string;
  translationProvided?: boolean;
  visualTextToSpeechRequired?: string;
  visualTextToSpeechProvided?: boolean;
  sightTextToSpeechProvided?: boolean;
  englishGlossaryProvided?: boolean;
  illustratedGlossaryRequired?: string;
  illustratedGlossaryProvided?: boolean;
  translatedGlossaryRequired?: string;
  translatedGlossaryProvided?: boolean;
  /** Whether the latest upload is older than the English content; absent if that depends on something unreadable. */
  aslUploadedBeforeContentUpdate?: boolean;
  brailleUploadedBeforeContentUpdate?: boolean;
  closedCaptionsUploadedBeforeContentUpdate?: boolean;
}

export function accessibilityFields(file: Part): AccessibilityFields {
  const [asl, braille, cc] = [partOf(file, 'asl'), partOf(file, 'braille'), partOf(file, 'cc')];
  const spanish = partOf(partOf(file, 'translations'), 'esp');
  const [speech, glossary] = [partOf(file, 'textToSpeech'), partOf(file, 'glossary')];
  const aslUploads = uploadsOf(asl);
  const brailleUploads = uploadsOf(braille);
  const captionsUploads = uploadsOf(cc);
  const content = readDate(partOf(partOf(file, 'core'), 'en'), 'updatedDate');
  return withoutUndefined({
    aslRequired: requiredOf(asl, 'isAslRequired'),
    aslProvided: providedOf(asl, 'isAslProvided'),
    aslAttachments: attachmentsOf(aslUploads.entries),
    brailleRequired: requiredOf(braille, 'isBrailleRequired'),
    brailleProvided: providedOf(braille, 'isBrailleProvided'),
    brailleAttachments: attachmentsOf(brailleUploads.entries),
    closedCaptionsRequired: requiredOf(cc, 'isCcRequired'),
    closedCaptionsProvided: providedOf(cc, 'isCcProvided'),
    closedCaptionsAttachments: attachmentsOf(captionsUploads.entries),
    translationRequired: requiredOf(spanish, 'isRequired'),
    translationProvided: providedOf(spanish, 'isProvided'),
    visualTextToSpeechRequired: textOrFlagOf(speech, 'isVisualTTSRequired'),
    visualTextToSpeechProvided: flagOf(speech, 'isVisualTTSProvided'),
    sightTextToSpeechProvided: flagOf(speech, 'isSightTTSProvided'),
    englishGlossaryProvided: flagOf(glossary, 'isEnglishGlossaryProvided'),
    illustratedGlossaryRequired: textOrFlagOf(glossary, 'isIllustratedGlossaryRequired'),
    illustratedGlossaryProvided: flagOf(glossary, 'isIllustratedGlossaryProvided'),
    translatedGlossaryRequired: textOrFlagOf(glossary, 'isTranslatedGlossaryRequired'),
    translatedGlossaryProvided: flagOf(glossary, 'isTranslatedGlossaryProvided'),
    aslUploadedBeforeContentUpdate: areOlder(aslUploads, content),
    brailleUploadedBeforeContentUpdate: areOlder(brailleUploads, content),
    closedCaptionsUploadedBeforeContentUpdate: areOlder(captionsUploads, content),
  });
}

const requiredOf = (part: Part, name: string): string | undefined =>
  isSilent(part, name) ? 'undetermined' : textOrFlagOf(part, name);
const providedOf = (part: Part, name: string): boolean | undefined =>
  isSilent(part, name) ? false : flagOf(part, name);

interface ReadDate {
  /** In UTC; absent if there is none, or if it cannot be read. */
  date: string | undefined;
  isUnreadable: boolean;
}

function readDate(part: Part, name: string): ReadDate {
  const date = dateOf(part, name);
  return { date, isUnreadable: date === undefined && !isSilent(part, name) };
}

interface Upload extends ReadDate {
  fileName: string | undefined;
  /** As written in item.json. */
  uploadedAt: string | undefined;
}

interface Uploads {
  entries: Upload[];
  /** There may be more, or there is one whose date cannot be read. */
  areUnreadable: boolean;
}

function uploadsOf(part: Part): Uploads {
  const entries = [...entriesOf(part, 'attachments')].map((upload) => ({
    fileName: textOf(upload, 'fileName'),
    uploadedAt: textOf(upload, 'uploadedDate'),
    ...readDate(upload, 'uploadedDate'),
  }));
  const areUnreadable =
    !areEntriesReadable(part, 'attachments') || entries.some(({ isUnreadable }) => isUnreadable);
  return { entries, areUnreadable };
}

/** Of one file name the latest upload, in the order of the names. */
function attachmentsOf(uploads: readonly Upload[]): ItemAttachment[] | undefined {
  // An upload without a valid date counts as older than any other. Here a date without a time is enough.
  const timeOf = ({ date, uploadedAt }: Upload): number => Date.parse(date ?? uploadedAt ?? '') || 0;
  const latest = new Map<string, ItemAttachment>();
  for (const { fileName, uploadedAt } of uploads.toSorted((a, b) => timeOf(a) - timeOf(b))) {
    if (fileName !== undefined) latest.set(fileName, { fileName, ...(uploadedAt && { uploadedAt }) });
  }
  if (latest.size === 0) return undefined;
  return [...latest.values()].toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1));
}

/** Uploads without a date do not count. Without any date there is nothing to compare. */
function areOlder({ entries, areUnreadable }: Uploads, content: ReadDate): boolean | undefined {
  const dates = entries.flatMap(({ date }) => date ?? []);
  const latest = dates.toSorted().at(-1);
  const { date } = content;
  // An upload whose date cannot be read can only make the latest one later.
  if (latest !== undefined && date !== undefined && latest >= date) return false;
  if (areUnreadable || content.isUnreadable) return undefined;
  return latest !== undefined && date !== undefined;
}
