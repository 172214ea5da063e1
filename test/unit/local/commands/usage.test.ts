import { describe, expect, it } from 'vitest';
import { COMMANDS, type CommandName, checkUsage, formatHelp } from '../../../../local/usage.ts';

/** Set by npm for every script, whatever its options are. */
const ALWAYS = { npm_config_yes: '', npm_config_cache: '/home/me/.npm', npm_config_local_prefix: '/clone' };

describe('the arguments of a command', () => {
  it.each([
    ['sync', ['--fast'], 'Unknown option --fast. Usage: npm run sync [-- --dry-run | --write]'],
    ['sync', ['dry-run'], 'Unknown option dry-run.'],
    ['reset', ['--dry-run'], 'Unknown option --dry-run. Usage: npm run reset'],
  ] as const)('of %s %j are refused', (name, args, sentence) => {
    expect(() => checkUsage(name, args, ALWAYS)).toThrow(sentence);
  });

  it('are accepted if the command knows them', () => {
    expect(() => checkUsage('sync', ['--dry-run'], ALWAYS)).not.toThrow();
  });
});

describe('an option that npm took for its own', () => {
  it.each([
    [
      'sync',
      'npm_config_dry_run',
      'npm took --dry-run for an option of its own. Use npm run sync -- --dry-run.',
    ],
    [
      'sync',
      'npm_config_dryrun',
      'npm took --dryrun for an option of its own. Use npm run sync -- --dry-run.',
    ],
    [
      'sync',
      'npm_config_dry_rnu',
      'npm took --dry-rnu for an option of its own. Use npm run sync -- --dry-run.',
    ],
    ['start', 'npm_config_write', 'Use npm start -- --write.'],
    ['logs', 'npm_config_follow', 'Use npm run logs -- --follow.'],
    ['reset', 'npm_config_dry_run', 'npm run reset has no option --dry-run.'],
    ['sync', 'npm_config_help', 'npm run sync has no option --help.'],
  ] as const)('of %s is refused: %s', (name, variable, sentence) => {
    const check = () => checkUsage(name, [], { ...ALWAYS, [variable]: 'true' });
    expect(check).toThrow(`Nothing was started, because`);
    expect(check).toThrow(sentence);
  });

  it.each(['npm_config_fund', 'npm_config_git', 'npm_config_which', 'npm_config_omit', 'npm_config_color'])(
    'is not one of npm itself: %s',
    (variable) => {
      expect(() => checkUsage('sync', [], { ...ALWAYS, [variable]: 'true' })).not.toThrow();
    },
  );

  it('is not one that was switched off', () => {
    expect(() => checkUsage('sync', [], { ...ALWAYS, npm_config_dry_run: '' })).not.toThrow();
  });
});

describe('the help of a command', () => {
  it.each(Object.keys(COMMANDS) as CommandName[])('of %s names its options', (name) => {
    const help = formatHelp(name);
    for (const option of [...Object.keys(COMMANDS[name].options), '--help'])
      expect(help).toContain(`  ${option} `);
  });
});
