/** Matrix transposition. */
import { int, pointer } from "./arguments";

/** to[columns, rows] = from[rows, columns], four columns at a time so that each line is read once. */
function transpose(from: usize, to: usize, rows: i32, columns: i32): void {
  const toRow = (<usize>rows) << 2;
  const fromRow = (<usize>columns) << 2;
  let k = 0;
  for (; k + 4 <= columns; k += 4) {
    let source = from + ((<usize>k) << 2);
    let target = to + <usize>k * toRow;
    for (let c = 0; c < rows; c++, source += fromRow, target += 4) {
      const v = v128.load(source);
      v128.store_lane<f32>(target, v, 0);
      v128.store_lane<f32>(target + toRow, v, 1);
      v128.store_lane<f32>(target + 2 * toRow, v, 2);
      v128.store_lane<f32>(target + 3 * toRow, v, 3);
    }
  }
  for (; k < columns; k++) {
    for (let c = 0; c < rows; c++) {
      store<f32>(to + <usize>k * toRow + ((<usize>c) << 2), load<f32>(from + <usize>c * fromRow + ((<usize>k) << 2)));
    }
  }
}

/** ints: from, to, rows, columns. */
export function transposeMatrix(job: usize, _chunk: i32): void {
  transpose(pointer(job, 0), pointer(job, 1), int(job, 2), int(job, 3));
}
