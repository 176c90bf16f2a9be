import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import a11y from 'eslint-plugin-jsx-a11y';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['dist', 'src/api/*.gen.ts', 'public'] },
  { ...js.configs.recommended, languageOptions: { globals: { URL: 'readonly' } } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...ts.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: new URL('.', import.meta.url).pathname,
      },
    },
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      // Numbers and bigints in templates read well and cannot go wrong.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // An endpoint without an answer is called with <undefined>; effects return cleanups of void.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // Each of these has one place that knows its traps.
      'no-restricted-globals': [
        'error',
        ...['localStorage', 'sessionStorage'].map((name) => ({
          name,
          message: 'May be refused: use lib/store.ts.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        ...['localStorage', 'sessionStorage'].map((property) => ({
          object: 'window',
          property,
          message: 'May be refused: use lib/store.ts.',
        })),
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'wouter',
              importNames: ['useSearch', 'useSearchParams'],
              message: 'Decodes the query twice: use lib/search.ts.',
            },
          ],
        },
      ],
    },
  },
  { files: ['src/lib/store.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['**/*.tsx'], ...a11y.flatConfigs.recommended },
);
