/** Imported before the log of the functions, which reads this once. */
process.env['POWERTOOLS_LOG_LEVEL'] = process.env['NIGHTS_LOG'] ?? 'SILENT';
