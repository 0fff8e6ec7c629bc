import { configurationSchema, serverSchema } from './schema';

/** The names of the fields that an object at this path of the file may have. */
export function knownFieldsAt(path: readonly (string | number)[]): string[] {
  if (path.length === 0) return Object.keys(configurationSchema.shape);
  if (path.length === 1) return [];
  let schema: unknown = serverSchema;
  for (const part of path.slice(2)) schema = fieldOf(schema, String(part));
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

function fieldOf(schema: unknown, name: string): unknown {
  return shapeOf(schema)?.[name];
}
