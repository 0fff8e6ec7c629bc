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
    if (typeof def === 'object' && def !== null && 'innerType' in def)
      return shapeOf(def.innerType);
  }
  return undefined;
}

function fieldOf(schema: unknown, name: string): unknown {
  return shapeOf(schema)?.[name];
}
