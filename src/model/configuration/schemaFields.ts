import { configurationSchema, serverSchema } from './schema';

/** The names of the fields that an object at this path of the file may have. */
export function knownFieldsAt(path: readonly (string | number)[]): string[] {
  const [first] = path;
  const isInServer = first === 'servers';
  if (isInServer && path.length === 1) return [];
  let schema: unknown = isInServer ? serverSchema : configurationSchema;
  for (const part of path.slice(isInServer ? 2 : 0)) schema = fieldOf(schema, part);
  const shape = shapeOf(schema);
  return shape ? Object.keys(shape) : [];
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  if ('shape' in schema) return schema.shape as Record<string, unknown>;
  if ('def' in schema) {
    const def = schema.def;
    if (typeof def !== 'object' || def === null) return undefined;
    if ('innerType' in def) return shapeOf(def.innerType);
    // Of several forms that a field may have, one at most is an object.
    if ('options' in def && Array.isArray(def.options)) {
      return def.options.map(shapeOf).find((shape) => shape !== undefined);
    }
  }
  return undefined;
}

function fieldOf(schema: unknown, name: string | number): unknown {
  return typeof name === 'number' ? elementOf(schema) : shapeOf(schema)?.[name];
}

/** What stands in a list. */
function elementOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || !('def' in schema)) return undefined;
  const { def } = schema;
  if (typeof def !== 'object' || def === null) return undefined;
  if ('element' in def) return def.element;
  return 'innerType' in def ? elementOf(def.innerType) : undefined;
}
