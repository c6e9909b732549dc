/**
 * Numbers by which TypeScript names a kernel of the WebAssembly module, and sizes both sides must agree on. AssemblyScript compiles
 * this file too: plain numeric constants only.
 */
export const MIX = 0;
export const MIX_GRAD = 1;
export const SUM = 2;
export const SQUARED_DEVIATION = 3;
export const BATCH_STATISTICS = 4;
export const BATCH_NORMALISE = 5;
export const BATCH_GRAD_SUMS = 6;
export const BATCH_GRAD_INPUT = 7;
export const FILTER_GRAD = 8;
export const ADD_PARTIALS = 9;
export const PACK_FILTER = 10;
export const CONVOLVE = 11;
export const DEPTHWISE_FILTER_GRAD = 12;
export const DEPTHWISE_INPUT_GRAD = 13;
export const SGD = 14;
export const MAX_POOL_GRAD = 15;
export const FRACTIONAL = 16;
export const TANH = 17;
export const LARGEST_MAGNITUDE = 18;
export const MULTIPLY = 19;
export const WEIGHT_GRADIENT = 20;
export const SCHEME_MIX = 21;
export const SCHEME_MIX_GRAD = 22;
export const SCHEME_MOMENTS = 23;
export const SCHEME_RESIDUAL = 24;
export const SCHEME_TERNARY = 25;
export const LSTM_CELL = 26;
export const LSTM_CELL_GRAD = 27;

/** Elements that one chunk of an elementwise kernel handles. Chunks are fixed so that sums do not depend on the thread count. */
export const CHUNK = 16384;
/** Columns of a grid of candidates, as in the contract. */
export const GRID_COLUMNS = 6;

/** Rows of constants of a fractional width, the last two for the gradient only (see `width-constants.ts`). */
export const FRAC_FLOOR = 0;
export const FRAC_CEIL = 1;
export const FRAC_PER_FLOOR = 2;
export const FRAC_PER_CEIL = 3;
export const FRAC_OFFSET = 4;
export const FRAC_SHARE = 5;
export const FRAC_OFFSET_CEIL = 6;
export const FRAC_ROWS = 7;
/** Flags: the modified scheme; whole widths only; values of both signs. */
export const FRAC_MODIFIED = 1;
export const FRAC_SINGLE = 2;
export const FRAC_TWO_SIDED = 4;
/** Bytes in which the last few floats of three arrays are completed to vectors. */
export const FRAC_PAD = 48;

/** Elements of a block of a mixture of schemes: 4 kB each of input, upstream gradient, a candidate's values and output. */
export const SCHEME_BLOCK = 1024;
/** A candidate's values, and room to complete the last few floats of three arrays to vectors. */
export const SCHEME_BLOCK_BYTES = 4144;
/** A candidate of a mixture of schemes: bytes, and where each of its floats is (see `scheme-row.ts`; the last is its probability). */
export const CANDIDATE_BYTES = 40;
export const CANDIDATE_FORM = 0;
export const CANDIDATE_STEP = 4;
export const CANDIDATE_SCALE = 8;
export const CANDIDATE_START = 12;
export const CANDIDATE_LOW = 16;
export const CANDIDATE_HIGH = 20;
export const CANDIDATE_OFFSET = 24;
export const CANDIDATE_LIMIT = 28;
export const CANDIDATE_ZERO = 32;
export const CANDIDATE_SHARE = 36;

/** Bytes of the job block: the head, 40 integers, 8 floats. */
export const JOB_BYTES = 256;
export const JOB_TICKET = 0;
export const JOB_COMPLETED = 8;
export const JOB_CHUNKS = 12;
export const JOB_KERNEL = 16;
export const JOB_INTS = 64;
export const JOB_FLOATS = 224;
