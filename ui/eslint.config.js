import js from '@eslint/js'
import hooks from 'eslint-plugin-react-hooks'
import a11y from 'eslint-plugin-jsx-a11y-x'
import tseslint from 'typescript-eslint'
import { borders } from './borders.js'

export default tseslint.config(
    { ignores: ['node_modules', 'public', 'src/api/schema.d.ts'] },
    js.configs.recommended,
    tseslint.configs.strictTypeChecked,
    tseslint.configs.stylisticTypeChecked,
    hooks.configs.flat['recommended-latest'],
    a11y.configs.recommended,
    {
        plugins: { keepsum: { rules: { borders } } },
        languageOptions: {
            parserOptions: { projectService: { allowDefaultProject: ['*.js'] }, tsconfigRootDir: import.meta.dirname },
        },
        rules: {
            'keepsum/borders': 'error',
            'max-lines': ['error', { max: 400 }],
            'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
            complexity: ['error', 10],
            'no-console': 'error',
            'react-hooks/exhaustive-deps': 'error',
            '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
            // A number in a template is its digits: what people read goes through the formats.
            '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
            // Handlers of events may be async: what fails in them is shown by the query client.
            '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
            // The router redirects by throwing what is no error.
            '@typescript-eslint/only-throw-error': 'off',
        },
    },
    {
        files: ['src/**/*.test.{ts,tsx}', 'src/texts/**'],
        rules: { 'max-lines-per-function': 'off' },
    },
    {
        files: ['*.js'],
        extends: [tseslint.configs.disableTypeChecked],
    },
)
