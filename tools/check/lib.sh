# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
#
# What the checks share. A check is an executable in checks/. It looks at the
# tree below the current folder, prints its findings, one a line, and exits 1;
# or prints one line that says how much it looked at, and exits 0. A check that
# cannot do its work (a tool or its files are missing) has failed.

set -u -o pipefail
export LC_ALL=C

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die()
{
	echo "$*"
	exit 1
}

# need COMMAND PACKAGE
need()
{
	PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ||
		die "$1 is missing: install the package $2 (make deps)"
}

# Every file of the tree that a person wrote.
tree()
{
	find . \( -name .git -o -name build -o -name __pycache__ \) -prune -o \
		-type f ! -name '*.o' ! -name '*.ko' ! -name '*.mod' \
		! -name '*.mod.c' ! -name '.*.cmd' ! -name '.*.d' \
		! -name '*.pyc' ! -name modules.order \
		! -name Module.symvers -print | sed 's,^\./,,' | sort
}

# collect PATTERN: the files of the tree that match go to the array `files`.
collect()
{
	mapfile -t files < <(tree | grep -E "$1")
	[ ${#files[@]} -gt 0 ] || die "nothing to check: no file matches $1"
}

# collect_scripts NAME PATTERN: also the files whose first line runs NAME.
collect_scripts()
{
	mapfile -t files < <(tree | while IFS= read -r file; do
		if [[ $file =~ $2 ]] ||
		   head -c 80 -- "$file" | head -n 1 | tr -d '\0' |
		   grep -qE "^#!.*[/ ]($1)( |\$)"; then
			printf '%s\n' "$file"
		fi
	done)
	[ ${#files[@]} -gt 0 ] || die "nothing to check: no $1 script found"
}

# kernel_scripts: the folder of the kernel's own scripts goes to `scripts`.
kernel_scripts()
{
	scripts=$("$tools/check/kernel.py" scripts) || die "$scripts"
}

# build_all ARGUMENT...: compile everything for each kernel, with these arguments
# of make; what the compilers and make complain of goes to `findings`.
build_all()
{
	local kernel folders=(*/Kbuild)

	kernels=${XGS_CHECK_KERNELS:-6.1 6.12}
	findings=$(for kernel in $kernels; do
		build "$kernel" "$@" modules
		[ -e kunit/Kbuild ] || continue
		# Debian's kernels have KUnit's headers but not KUnit: compile
		# the suites, and what is visible to them, but do not link.
		build "$kernel" "$@" CONFIG_KUNIT=m KCFLAGS=-DCONFIG_KUNIT_MODULE \
			"${folders[@]%Kbuild}"
		grep -q 'CC .* kunit/' <<<"$said" ||
			echo "$kernel: the suites in kunit/ are not built"
	done)
}

# build KERNEL ARGUMENT...: print the complaints; all that make said is in `said`.
build()
{
	local kernel=$1 status

	said=$("$tools/check/kernel.py" build "$@")
	status=$?
	grep -E '(warning|WARNING|error|ERROR|Error)[: ]|\*\*\*' <<<"$said" |
		sed "s/^/$kernel: /"
	[ $status -eq 0 ] || echo "$kernel: the modules do not build"
}

# report FINDINGS SUMMARY: the end of a check.
report()
{
	[ -z "$1" ] || die "$1"
	echo "$2"
	exit 0
}
