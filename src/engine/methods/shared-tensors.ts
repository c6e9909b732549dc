import * as tf from "@tensorflow/tfjs-core";
import { ownerPlaces, type Role, type SearchSpace } from "../../core/search";

/**
 * Rows of a role, one for each searched layer, [layers] or [layers, columns]: a layer that shares its tensor's quantizer with another one
 * gets that one's row. The same tensor where no layer does.
 */
export function withSharedRows<T extends tf.Tensor>(space: SearchSpace, role: Role, rows: T): T {
  const places = ownerPlaces(space, role);
  return places ? tf.gather(rows, tf.tensor1d([...places], "int32")) : rows;
}
