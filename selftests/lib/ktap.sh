# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# KTAP for bash: a test file defines its cases as functions and ends with
#
#	run_cases CASE...
#
# Each case runs in a subshell of its own under `set -e`: a command that fails
# unexpectedly fails the case. What a case prints becomes diagnostics. However
# it ends, its background jobs are killed and the functions named by at_end are
# called, the latest first.
#
# Exit status of the file, as kselftest has it: 0 passed, 1 failed, 4 skipped.
# EXPECT_ALL_FEATURES=1 turns a skip into a failure.

readonly KSFT_PASS=0 KSFT_FAIL=1 KSFT_SKIP=4

export LC_ALL=C

ktap_log=
end_functions=
never=

note()
{
	printf '%s\n' "$*"
}

fail()
{
	note "$*"
	exit $KSFT_FAIL
}

skip()
{
	note "$*"
	exit $KSFT_SKIP
}

# at_end FUNCTION: call it when the case ends
at_end()
{
	[[ " $end_functions " == *" $1 "* ]] || end_functions="$1 $end_functions"
}

# now_us: a clock for differences, in microseconds
now_us()
{
	echo "${EPOCHREALTIME/./}"
}

# breathe [SECONDS]: let a moment pass, without a process for it, by waiting for
# input that never comes. On simulated time none passes while somebody computes:
# a loop without this stops the clock.
breathe()
{
	[ -n "$never" ] || exec {never}<> <(:)
	read -r -t "${1:-0.005}" -u "$never" || true
}

# poll SECONDS COMMAND...: until the command succeeds, or fail
poll()
{
	local seconds=$1 deadline
	shift

	deadline=$(($(now_us) + seconds * 1000000))
	until "$@"; do
		if [ "$(now_us)" -gt $deadline ]; then
			fail "not within $seconds s: $*"
		fi
		breathe 0.05
	done
}

# need_tool PROGRAM...
need_tool()
{
	local tool

	for tool; do
		command -v "$tool" >/dev/null || skip "$tool is not installed"
	done
}

is()		# is WHAT GOT WANTED
{
	[ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"
}

at_least()	# at_least WHAT GOT LIMIT
{
	[ "$2" -ge "$3" ] || fail "$1 is $2, less than $3"
	note "$1: $2 (at least $3)"
}

at_most()	# at_most WHAT GOT LIMIT
{
	[ "$2" -le "$3" ] || fail "$1 is $2, more than $3"
	note "$1: $2 (at most $3)"
}

# refused WORDS COMMAND...: the command must fail and say so in these words
refused()
{
	local words=$1 said
	shift

	if said=$("$@" 2>&1); then
		fail "accepted: $*"
	fi
	[[ $said == *"$words"* ]] || fail "'$*' says '$said', not '$words'"
}

case_end()
{
	local status=$? function

	set +eE
	trap - ERR
	{
		jobs -p | xargs -r kill -KILL
		wait
	} 2>/dev/null
	for function in $end_functions; do
		( "$function" ) && continue
		note "cleaning up failed: $function"
		[ $status -ne 0 ] || status=$KSFT_FAIL
	done
	exit $status
}

case_error()
{
	local status=$? i

	for ((i = 1; i < ${#FUNCNAME[@]} - 1; i++)); do
		note "${BASH_SOURCE[i]##*/}:${BASH_LINENO[i - 1]}:" \
		     "${FUNCNAME[i]}: a command failed ($status)"
	done
}

run_case()
(
	exec >"$ktap_log" 2>&1 </dev/null
	trap case_end EXIT
	trap 'exit 1' INT TERM
	trap case_error ERR
	set -eE
	"$1"
)

ktap_interrupted()
{
	wait
	[ ! -e "$ktap_log" ] || sed 's/^/# /' "$ktap_log"
	echo "# interrupted"
	rm -f "$ktap_log"
	exit 1
}

run_cases()
{
	local number=0 failed=0 skipped=0 status begin name result

	if [ "$(id -u)" -ne 0 ]; then
		echo "KTAP version 1"
		echo "1..0 # SKIP needs root"
		[ "${EXPECT_ALL_FEATURES:-0}" != 1 ] || exit $KSFT_FAIL
		exit $KSFT_SKIP
	fi
	ktap_log=$(mktemp "${TMPDIR:-/tmp}/xgs-selftest.XXXXXX") || exit 1
	trap ktap_interrupted INT TERM

	echo "KTAP version 1"
	echo "1..$#"
	for name; do
		number=$((number + 1))
		begin=$(now_us)
		run_case "$name" &
		wait $!
		status=$?
		sed 's/^/# /' "$ktap_log"
		result="$name # $((($(now_us) - begin) / 1000)) ms"
		if [ $status -eq $KSFT_SKIP ] &&
		   [ "${EXPECT_ALL_FEATURES:-0}" != 1 ]; then
			echo "ok $number $name # SKIP $(tail -n 1 "$ktap_log")"
			skipped=$((skipped + 1))
		elif [ $status -eq 0 ]; then
			echo "ok $number $result"
		else
			[ $status -ne $KSFT_SKIP ] ||
				echo "# skipped, though all features are expected"
			echo "not ok $number $result"
			failed=$((failed + 1))
		fi
	done
	rm -f "$ktap_log"
	[ $failed -eq 0 ] || exit $KSFT_FAIL
	[ $skipped -lt $# ] || exit $KSFT_SKIP
	exit $KSFT_PASS
}
