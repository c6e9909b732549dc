/**
 * The text of a tiled matrix product whose operands are computed where they are needed (an implicit one: no im2col in memory).
 * Depth can be split over workgroups, each leaving a partial product; `sumRows` adds them, so that no atomics are needed.
 */

/** Depth of a tile. With 64 x 64 tiles the two operands take 16 KiB, which every device has as workgroup memory. */
export const TILE_DEPTH = 32;

export interface TileShape {
  readonly rows: 32 | 64;
  readonly columns: 16 | 32 | 64;
}

/** The smallest tile that covers the matrix, at most 64 x 64. */
export function tileFor(rows: number, columns: number): TileShape {
  return { rows: rows > 32 ? 64 : 32, columns: columns > 32 ? 64 : columns > 16 ? 32 : 16 };
}

/** Workgroups along rows and columns. */
export function tilesOf(tile: TileShape, rows: number, columns: number): readonly [number, number] {
  return [Math.ceil(rows / tile.rows), Math.ceil(columns / tile.columns)];
}

/**
 * The entry point. `operands` declares the constants ROWS, COLUMNS and DEPTH and two functions, both zero outside the matrices:
 * - `leftBlock(row, depth, end) -> mat4x4f`: its column j holds rows row .. row + 3 at depth + j, for depths below `end`;
 * - `rightBlock(depth, column, end) -> mat4x4f`: its column j holds columns column .. column + 3 at depth + j.
 * Writes `product`, [depth parts, ROWS, COLUMNS]; the parts are those of the dispatch's third dimension.
 */
export function matrixProduct(tile: TileShape, operands: string): string {
  const lanes = (tile.rows / 4) * (tile.columns / 4);
  const leftBlocks = (TILE_DEPTH / 4) * (tile.rows / 4);
  const rightBlocks = (TILE_DEPTH / 4) * (tile.columns / 4);
  return `
${operands}
const LEFT = ${tile.rows / 4}u; // Width of the tiles in vectors of four.
const RIGHT = ${tile.columns / 4}u;
var<workgroup> leftTile: array<vec4f, ${TILE_DEPTH}u * LEFT>;
var<workgroup> rightTile: array<vec4f, ${TILE_DEPTH}u * RIGHT>;
@compute @workgroup_size(${lanes})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x * ${tile.rows}u;
  let column = group.y * ${tile.columns}u;
  // Whole tiles, so that only the last part has a ragged end.
  let part = (DEPTH + groups.z * ${TILE_DEPTH}u - 1u) / (groups.z * ${TILE_DEPTH}u) * ${TILE_DEPTH}u;
  let begin = group.z * part;
  let end = min(begin + part, DEPTH);
  let laneRow = lane / RIGHT;
  let laneColumn = lane % RIGHT;
  var sum: array<vec4f, 4>;
  for (var depth = begin; depth < end; depth += ${TILE_DEPTH}u) {
    for (var block = lane; block < ${leftBlocks + rightBlocks}u; block += ${lanes}u) {
      if (block < ${leftBlocks}u) {
        let across = block % LEFT;
        let down = 4u * (block / LEFT);
        let values = leftBlock(row + 4u * across, depth + down, end);
        for (var j = 0u; j < 4u; j++) { leftTile[(down + j) * LEFT + across] = values[j]; }
      } else {
        let across = (block - ${leftBlocks}u) % RIGHT;
        let down = 4u * ((block - ${leftBlocks}u) / RIGHT);
        let values = rightBlock(depth + down, column + 4u * across, end);
        for (var j = 0u; j < 4u; j++) { rightTile[(down + j) * RIGHT + across] = values[j]; }
      }
    }
    workgroupBarrier();
    for (var d = 0u; d < ${TILE_DEPTH}u; d++) {
      let a = leftTile[d * LEFT + laneRow];
      let b = rightTile[d * RIGHT + laneColumn];
      sum[0] += a.x * b;
      sum[1] += a.y * b;
      sum[2] += a.z * b;
      sum[3] += a.w * b;
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) {
    for (var c = 0u; c < 4u; c++) {
      let m = row + 4u * laneRow + r;
      let n = column + 4u * laneColumn + c;
      if (m < ROWS && n < COLUMNS) { product[(group.z * ROWS + m) * COLUMNS + n] = sum[r][c]; }
    }
  }
}`;
}
