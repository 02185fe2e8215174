import { byEntityType, entityTypes, projects } from '../domain/entity.ts';

/** Written out, not a parameter: only so does every plan use the indexes that an entity's type is part of. */
export const entityTypeLiterals = byEntityType((entityType) => `'${entityType}'`);

/** All of them, as `in (…)` takes them. */
export const entityTypeList = Object.values(entityTypeLiterals).join(', ');

/** A table of `entity_type` and `name`, the short name of its archive. */
export const projectTable = `(values ${entityTypes
  .map((type) => `(${entityTypeLiterals[type]}::artwork_indexer.indexable_entity_type, '${projects[type].name}')`)
  .join(', ')}) as project (entity_type, name)`;

/**
 * The SQL of the short name of an entity type's archive.
 *
 * @param entityType an SQL expression
 */
export function projectOf(entityType: string): string {
  const cases = entityTypes.map((type) => `when ${entityTypeLiterals[type]} then '${projects[type].name}'`);
  return `case ${entityType} ${cases.join(' ')} end`;
}
