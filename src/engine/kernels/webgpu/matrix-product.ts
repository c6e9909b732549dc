/**
 * The text of a tiled matrix product whose operands are computed where they are needed (an implicit one: no im2col in memory).
 * Depth can be split over workgroups, each leaving a partial product; `sumRows` adds them, so that no atomics are needed.
 */

/**
 * Depth of a tile. With 64 x 64 tiles the two operands take 8 KiB, half of what every device has as workgroup memory. (SwiftShader
 * compiles in a time that grows with the square of that memory: 0.2 s for 4 KiB, 1.4 s for 16 KiB.)
 */
export const TILE_DEPTH = 16;

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
 * The entry point. It needs the uniforms `rows`, `columns` and `depth` of the product; `operands` declares two functions:
 * - `leftBlock(row, depth, end) -> mat4x4f`: its column j holds rows row .. row + 3 at depth + j, for depths below `end`;
 * - `rightBlock(depth, column, end) -> mat4x4f`: its column j holds columns column .. column + 3 at depth + j.
 * Both give zeros outside the matrices. Writes `product`, [depth parts, rows, columns], where the parts are those of the
 * dispatch's third dimension.
 */
export function matrixProduct(tile: TileShape, operands: string): string {
  const lanes = (tile.rows / 4) * (tile.columns / 4);
  const leftBlocks = (TILE_DEPTH / 4) * (tile.rows / 4);
  const rightBlocks = (TILE_DEPTH / 4) * (tile.columns / 4);
  return `
${operands}
const LEFT = ${tile.rows / 4}; // Width of the tiles in vectors of four.
const RIGHT = ${tile.columns / 4};
var<workgroup> leftTile: array<vec4f, ${TILE_DEPTH} * LEFT>;
var<workgroup> rightTile: array<vec4f, ${TILE_DEPTH} * RIGHT>;
@compute @workgroup_size(${lanes})
fn main(@builtin(workgroup_id) groupId: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) laneId: u32) {
  let group = vec3i(groupId);
  let lane = i32(laneId);
  let row = group.x * ${tile.rows};
  let column = group.y * ${tile.columns};
  // Whole tiles, so that only the last part has a ragged end.
  let steps = (parameters.depth + ${TILE_DEPTH - 1}) / ${TILE_DEPTH};
  let part = (steps + i32(groups.z) - 1) / i32(groups.z) * ${TILE_DEPTH};
  let begin = group.z * part;
  let end = min(begin + part, parameters.depth);
  let laneRow = lane / RIGHT;
  let laneColumn = lane % RIGHT;
  var sum: array<vec4f, 4>;
  for (var depth = begin; depth < end; depth += ${TILE_DEPTH}) {
    for (var block = lane; block < ${leftBlocks}; block += ${lanes}) {
      let across = block % LEFT;
      let down = 4 * (block / LEFT);
      var values = leftBlock(row + 4 * across, depth + down, end);
      for (var j = 0; j < 4; j++) { leftTile[(down + j) * LEFT + across] = values[j]; }
    }
    for (var block = lane; block < ${rightBlocks}; block += ${lanes}) {
      let across = block % RIGHT;
      let down = 4 * (block / RIGHT);
      var values = rightBlock(depth + down, column + 4 * across, end);
      for (var j = 0; j < 4; j++) { rightTile[(down + j) * RIGHT + across] = values[j]; }
    }
    workgroupBarrier();
    for (var d = 0; d < ${TILE_DEPTH}; d++) {
      let a = leftTile[d * LEFT + laneRow];
      let b = rightTile[d * RIGHT + laneColumn];
      sum[0] += a.x * b;
      sum[1] += a.y * b;
      sum[2] += a.z * b;
      sum[3] += a.w * b;
    }
    workgroupBarrier();
  }
  for (var r = 0; r < 4; r++) {
    for (var c = 0; c < 4; c++) {
      let m = row + 4 * laneRow + r;
      let n = column + 4 * laneColumn + c;
      if (m < parameters.rows && n < parameters.columns) {
        product[(group.z * parameters.rows + m) * parameters.columns + n] = sum[r][c];
      }
    }
  }
}`;
}
