// SPDX-License-Identifier: GPL-2.0
/*
 * The kill switch, /sys/kernel/xgs/tcp/enabled: while it is 0, a flow that
 * chooses xgs gets CUBIC.
 *
 * A flow keeps a reference on the module that its operations name as owner. So
 * it gets a copy of CUBIC's that names this module: the reference it came with
 * stays right, and `ss` shows CUBIC. CUBIC itself is held by a socket that never
 * connects; it is also what CUBIC's operations are learnt from, as the kernel
 * has no other way for a module to find a control by name.
 */
#include <linux/module.h>
#include <linux/net.h>
#include <linux/sockptr.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "tcp_xgs.h"

static struct tcp_congestion_ops xgs_fallback_ops __read_mostly;
static struct socket *xgs_fallback_sock;

static int xgs_fallback_choose(char *name)
{
	return xgs_fallback_sock->ops->setsockopt(xgs_fallback_sock, SOL_TCP,
						  TCP_CONGESTION,
						  KERNEL_SOCKPTR(name),
						  strlen(name));
}

/**
 * xgs_fallback_init() - find CUBIC, or Reno where a kernel has no CUBIC
 * @owner: this module
 *
 * Return: 0 or a negative error.
 */
int xgs_fallback_init(struct module *owner)
{
	char cubic[] = "cubic", reno[] = "reno";
	int err;

	err = sock_create_kern(&init_net, PF_INET, SOCK_STREAM, IPPROTO_TCP,
			       &xgs_fallback_sock);
	if (err)
		return err;
	err = xgs_fallback_choose(cubic);
	if (err)
		err = xgs_fallback_choose(reno);
	if (err) {
		sock_release(xgs_fallback_sock);
		return err;
	}
	xgs_fallback_ops = *inet_csk(xgs_fallback_sock->sk)->icsk_ca_ops;
	xgs_fallback_ops.owner = owner;
	return 0;
}

/**
 * xgs_fallback_exit() - let go of CUBIC
 */
void xgs_fallback_exit(void)
{
	sock_release(xgs_fallback_sock);
}

/**
 * xgs_fallback_take() - a flow that chose xgs gets CUBIC
 * @sk: its socket, in the init() of its control
 */
void xgs_fallback_take(struct sock *sk)
{
	inet_csk(sk)->icsk_ca_ops = &xgs_fallback_ops;
	if (xgs_fallback_ops.init)
		xgs_fallback_ops.init(sk);
	xgs_tcp_count(XGS_STAT_FALLBACKS);
}
