# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# All a test file needs.

lib=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=lib/ktap.sh
. "$lib/ktap.sh"
# shellcheck source=lib/xgs.sh
. "$lib/xgs.sh"
# shellcheck source=lib/topology.sh
. "$lib/topology.sh"
# shellcheck source=lib/flow.sh
. "$lib/flow.sh"
