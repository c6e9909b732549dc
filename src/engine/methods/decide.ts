/** From probabilities to one candidate per site: EdMIPS, section 3.5 ("discretization"). */
import type { DeriveRule } from "../../core/config";
import type { Random } from "../../core/random";
import type { Candidate, Choice } from "../../core/search";
import type { Ballot } from "./method";

/** One choice per ballot. Ties go to the earlier candidate, the one with fewer bits. */
export function decide(ballots: readonly Ballot[], rule: DeriveRule, random: Random): readonly (Choice & Candidate)[] {
  return ballots.map(({ site, probabilities }) => {
    const index = pick(probabilities, rule, random);
    const candidate = site.candidates[index];
    if (!candidate) throw new RangeError(`Site ${site.id} has no probabilities.`);
    return { ...candidate, site: site.id };
  });
}

function pick(probabilities: readonly number[], { rule, draws }: DeriveRule, random: Random): number {
  switch (rule) {
    case "winner":
      return largest(probabilities);
    case "categorical":
      return draw(probabilities, random);
    case "multinomial": {
      const counts = probabilities.map(() => 0);
      for (let i = 0; i < draws; i++) {
        const drawn = draw(probabilities, random);
        counts[drawn] = (counts[drawn] ?? 0) + 1;
      }
      return largest(counts);
    }
  }
}

const largest = (values: readonly number[]): number => values.indexOf(Math.max(...values));

function draw(probabilities: readonly number[], random: Random): number {
  let rest = random.uniform();
  for (let i = 0; i < probabilities.length; i++) {
    rest -= probabilities[i] as number;
    if (rest < 0) return i;
  }
  // Rounding may leave a rest above the sum of all probabilities.
  return probabilities.length - 1;
}
