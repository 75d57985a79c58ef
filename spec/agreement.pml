/*
 * The agreement protocol (docs/protocol.md) once more, for the model checker spin: an encoding of its own, from
 * the rules and not from the TypeScript. `npm run spec` checks it. Rule numbers are those of the page.
 *
 * What a run is. Every voter writes its register any number of times; a reader may see any version ever written
 * of each register, or none, in any combination. That covers loss, delay, duplication, reordering, stale relays,
 * freezing and crashing (to stand still is always allowed). No time: a rule that waits may act at any moment.
 *
 * How versions are kept. Within one instance a voter's versions form a chain in which promise and ballot only
 * grow. What a rule can learn from *some* version is therefore kept as facts that are never taken back:
 *   - voted(e,x,b): x has voted at ballot b, and for what. A reader tallies ballot b from any versions, so a value
 *     is decided as soon as its votes weigh enough, whatever their owners have written since.
 *   - proposed(e,r): what the owner of round r has proposed.
 *   - promised(e,x): x will not vote below this. Of the versions that promise round r all show the same votes
 *     below r, because x casts none there any more; which of them is read makes no difference.
 * Wider than the protocol, never narrower: a rule may act alone where a real turn runs several before it writes;
 * whoever voted in a round counts as having promised it; any value may enter an instance, wanted or not; any
 * higher round may be promised at any time.
 *
 * Parameters, given to spin with -D: EPOCHS 1 or 2; ROUNDS, the highest round (0: only the fast ballot); MEMBERS
 * of the first committee; VALUES 1..4, which of the values below may enter the first instance (1 to VALUES), and
 * LAST_VALUES for the last one; MUTANT_..., one rule broken on purpose, for which an error must be found.
 * Not covered: time and liveness, lineages (their ids are unique, so S1 is per lineage), signatures, a voter that
 * lies, more than two instances in a row.
 */

#ifndef EPOCHS
#define EPOCHS 1
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef MEMBERS
#define MEMBERS 3
#endif
#ifndef VALUES
#define VALUES 3
#endif
#ifndef LAST_VALUES
#define LAST_VALUES VALUES
#endif

/* With a second epoch there is one more voter: the last member's next incarnation, under a fresh id. */
#define VOTERS  (MEMBERS + EPOCHS - 1)
#define FRESH   MEMBERS
#define BALLOTS (ROUNDS + 1)

/*
 * Values. What matters of a record is which committee it seats; provider switches that seat the same people differ
 * from each other only in being different. Eviction, replacement and switch compete for one instance.
 */
#define NONE      0
#define SWITCH    1   /* another provider, everybody stays */
#define REPLACE   2   /* the last member's seat goes to its fresh incarnation */
#define EVICT     3   /* the last member loses its seat */
#define UNSEAT    4   /* the senior loses its seat: the next member becomes senior */

#define NO_SEAT 99

byte voted[EPOCHS * VOTERS * BALLOTS];
byte promised[EPOCHS * VOTERS];
byte proposed[EPOCHS * BALLOTS];
byte decided[EPOCHS];    /* by any tally that any reader could make */
byte epoch[VOTERS];      /* the instance a voter is in */

/* Scratch of one step, no part of a state. Breadth-first search does not know `hidden`: -DSCRATCH= for that. */
#ifndef SCRATCH
#define SCRATCH hidden
#endif
SCRATCH byte e, r, value, other, weight, heard, highest, ballot;
SCRATCH byte support[VALUES + 1];

#define VOTED(e, x, b)  voted[((e) * VOTERS + (x)) * BALLOTS + (b)]
#define PROMISED(e, x)  promised[(e) * VOTERS + (x)]
#define PROPOSED(e, r)  proposed[(e) * BALLOTS + (r)]

/* The committee of an instance: the first one is given, the second is what the first instance decided. */
#define SIZE(e)  ((e) == 0 || decided[0] <= REPLACE -> MEMBERS : MEMBERS - 1)
#define FIRST_SEAT(x)  ((x) < MEMBERS -> (x) : NO_SEAT)
#define SECOND_SEAT(x) \
  (decided[0] == SWITCH  -> FIRST_SEAT(x) : \
  (decided[0] == REPLACE -> ((x) == FRESH -> MEMBERS - 1 : ((x) < MEMBERS - 1 -> (x) : NO_SEAT)) : \
  (decided[0] == EVICT   -> ((x) < MEMBERS - 1 -> (x) : NO_SEAT) : \
                            ((x) >= 1 && (x) < MEMBERS -> (x) - 1 : NO_SEAT))))
#define SEAT(e, x)  ((e) == 0 -> FIRST_SEAT(x) : SECOND_SEAT(x))

#define CAN_VOTE(x)  (SEAT(epoch[x], x) < NO_SEAT)

#define WEIGHT(e, x)  (SEAT(e, x) == 0 -> 3 : (SEAT(e, x) < NO_SEAT -> 2 : 0))
#define TOTAL(e)      (2 * SIZE(e) + 1)
#define CLASSIC(e)    (TOTAL(e) / 2 + 1)
#ifdef MUTANT_FAST_MAJORITY
#define FAST(e)       CLASSIC(e)
#else
#define FAST(e)       ((2 * TOTAL(e) - CLASSIC(e)) / 2 + 1)
#endif
#define NEEDED(e, b)  ((b) == 0 -> FAST(e) : CLASSIC(e))

#define OWNS(e, x, r)       (SEAT(e, x) == ((r) - 1) % SIZE(e))
/* The round that a voter may propose in: the promised one; after a vote at ballot 0 alone, round 1. */
#define MY_ROUND(x) \
  (PROMISED(epoch[x], x) > 0 -> PROMISED(epoch[x], x) : (VOTED(epoch[x], x, 0) != NONE -> 1 : 0))
/* A vote at ballot r - 1 is a promise of round r, and so is a vote at a later one. */
#define HAS_PROMISED(e, x, r)  (PROMISED(e, x) >= (r) || VOTED(e, x, (r) - 1) != NONE)

/* Casts a vote and looks whether that makes a decision. S1: never two different ones in one instance. */
inline vote(e, x, b, v) {
  VOTED(e, x, b) = v;
  printf("voter %d, instance %d: votes for %d at ballot %d\n", x, e, v, b);
  other = 0; weight = 0;
  do
  :: other < VOTERS ->
     weight = weight + (VOTED(e, other, b) == v -> WEIGHT(e, other) : 0);
     other++
  :: else -> break
  od;
  if
  :: weight >= NEEDED(e, b) ->
     assert(decided[e] == NONE || decided[e] == v);
     decided[e] = v
  :: else
  fi
}

/* Any value at all. */
inline choose(v) {
  v = 1;
  do
  :: v < (e == EPOCHS - 1 -> LAST_VALUES : VALUES) -> v++
  :: break
  od
}

/*
 * Rule 8. The proposer has read some versions: any subset of those that have promised, itself among them, may be
 * what it knows of. `support` is the weight behind each value at ballot 0, `heard` that of the subset.
 */
inline readPromises(e, me, r) {
  other = 0; heard = 0; highest = 0; value = NONE;
  do
  :: other < VOTERS ->
     if
     :: SEAT(e, other) < NO_SEAT && HAS_PROMISED(e, other, r) ->
        heard = heard + WEIGHT(e, other);
        if
        :: VOTED(e, other, 0) != NONE ->
           support[VOTED(e, other, 0)] = support[VOTED(e, other, 0)] + WEIGHT(e, other)
        :: else
        fi;
        ballot = r - 1;
        do
        :: ballot > highest && VOTED(e, other, ballot) != NONE ->
           highest = ballot;
           value = VOTED(e, other, ballot)
        :: ballot > highest && VOTED(e, other, ballot) == NONE -> ballot--
        :: else -> break
        od;
        ballot = 0
     :: other != me
     fi;
     other++
  :: else -> break
  od
}

/*
 * What the proposer must take over: the vote of the highest round it heard of; after ballot 0 alone the one value
 * that could have been decided there, were all the unheard behind it. Two such values: the quorums are wrong.
 */
inline pick(e) {
#ifndef MUTANT_PICK_IGNORES_FAST
  other = (highest == 0 -> 1 : VALUES + 1);
  do
  :: other <= VALUES ->
     if
     :: support[other] > 0 && support[other] + TOTAL(e) - heard >= FAST(e) ->
#ifndef MUTANT_FAST_MAJORITY
        assert(value == NONE);
#endif
        value = other
     :: else
     fi;
     other++
  :: else -> break
  od;
#endif
  if
  :: value == NONE -> choose(value)
  :: else
  fi
}

/* Scratch is zero between two steps. */
inline forget() {
  other = 0;
  do
  :: other <= VALUES -> support[other] = 0; other++
  :: else -> break
  od;
  e = 0; r = 0; value = NONE; other = 0; weight = 0; heard = 0; highest = 0; ballot = 0
}

proctype Voter(byte me) {
end:
  do
  /* Rule 5: one vote at ballot 0, before any promise. */
  :: atomic {
       CAN_VOTE(me) && PROMISED(epoch[me], me) == 0 && VOTED(epoch[me], me, 0) == NONE ->
       e = epoch[me];
       choose(value);
       vote(e, me, 0, value);
       forget()
     }

  /* Rules 6 and 7: promise a higher round. */
  :: atomic {
       CAN_VOTE(me) && PROMISED(epoch[me], me) < ROUNDS ->
       e = epoch[me];
       r = PROMISED(e, me) + 1;
       do
       :: r < ROUNDS -> r++
       :: break
       od;
       PROMISED(e, me) = r;
       printf("voter %d, instance %d: promises round %d\n", me, e, r);
       forget()
     }

  /* Rule 8: the owner of the promised round proposes, and votes for its proposal. */
  :: atomic {
       CAN_VOTE(me) && MY_ROUND(me) > 0 && OWNS(epoch[me], me, MY_ROUND(me)) &&
       PROPOSED(epoch[me], MY_ROUND(me)) == NONE && VOTED(epoch[me], me, MY_ROUND(me)) == NONE ->
       e = epoch[me];
       r = MY_ROUND(me);
       readPromises(e, me, r);
       if
       :: heard >= CLASSIC(e) ->
          pick(e);
          PROMISED(e, me) = r;
          PROPOSED(e, r) = value;
          printf("voter %d, instance %d: proposes %d in round %d\n", me, e, value, r);
          vote(e, me, r, value)
       :: else
       fi;
       forget()
     }

  /* Rule 4: vote for the proposal of a round that is not below the promise. */
  :: atomic {
       CAN_VOTE(me) ->
       e = epoch[me];
       r = (PROMISED(e, me) > 0 -> PROMISED(e, me) : 1);
       do
       :: r < ROUNDS -> r++
       :: break
       od;
       if
       :: PROPOSED(e, r) != NONE && VOTED(e, me, r) == NONE ->
          PROMISED(e, me) = r;
          value = PROPOSED(e, r);
          vote(e, me, r, value)
       :: else
       fi;
       forget()
     }

  /*
   * Rule 1: learn. Promise, vote and proposal of the next instance start empty. After the last instance of the
   * search nothing follows; not to leave it only adds behaviour.
   */
  :: atomic {
       epoch[me] < EPOCHS - 1 && decided[epoch[me]] != NONE ->
       printf("voter %d learns what instance %d decided: %d\n", me, epoch[me], decided[epoch[me]]);
       epoch[me] = epoch[me] + 1
     }

#ifdef MUTANT_SAME_ID
  /* A tab that lost its memory goes on as the voter it was, instead of as a new one (rule 9). */
  :: atomic {
       PROMISED(epoch[me], me) > 0 || VOTED(epoch[me], me, 0) != NONE ->
       e = epoch[me];
       printf("voter %d forgets what it said in instance %d\n", me, e);
       PROMISED(e, me) = 0;
       r = 0;
       do
       :: r < BALLOTS -> VOTED(e, me, r) = NONE; r++
       :: else -> break
       od;
       forget()
     }
#endif

#ifdef MUTANT_LEASE
  /* Somebody takes the last member for gone after a while and goes on without asking anybody (two epochs). */
  :: atomic {
       epoch[me] == 0 && decided[0] == NONE ->
       printf("voter %d evicts the last member by itself\n", me);
       decided[0] = EVICT;
       epoch[me] = 1
     }
#endif
  od
}

init {
  byte me;
  atomic {
    do
    :: me < VOTERS -> run Voter(me); me++
    :: else -> break
    od
  }
}
