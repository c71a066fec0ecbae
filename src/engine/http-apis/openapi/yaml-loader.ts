// Imported late by name: a large part of the engine's start is what it does not load.
export { load as loadYaml } from 'js-yaml'
