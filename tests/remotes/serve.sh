# SPDX-License-Identifier: GPL-3.0-or-later
#
# serve.sh KIND DIR PORT: becomes a server on 127.0.0.1 with all that is its own in DIR, as the current user.  Exits with
# 77 when its program is not installed.
#
#	webdav  lighttpd: /dav/ in the clear on PORT, and with DIR/cert.pem on PORT + 1; /ro/ is read-only; user camille
#	sftp    OpenSSH: DIR/id may do all, DIR/id_ro only read; its key is DIR/host.pub
#	s3      s3rver: bucket "team", key and secret S3RVER
set -u
kind=$1 dir=$2 port=$3
mkdir -p "$dir/files" && cd "$dir" || exit 1
# A server that meets the end of its room (see room() in test_remotes.c) has its write fail.
trap '' XFSZ

case $kind in
webdav)
	PATH=$PATH:/usr/sbin
	command -v lighttpd >/dev/null && [ -e /usr/lib/lighttpd/mod_webdav.so ] && [ -e /usr/lib/lighttpd/mod_openssl.so ] ||
		exit 77
	mkdir -p files/dav files/ro
	[ -e cert.pem ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem \
		-subj "/CN=arpent test" -days 30 2>/dev/null
	cat key.pem cert.pem >both.pem
	echo 'camille:un mot de passe' >users
	cat >conf <<-END
	server.modules = ("mod_auth", "mod_authn_file", "mod_webdav", "mod_openssl")
	server.document-root = "$dir/files"
	server.bind = "127.0.0.1"
	server.port = $port
	server.errorlog = "$dir/log"
	server.upload-dirs = ("$dir")
	auth.backend = "plain"
	auth.backend.plain.userfile = "$dir/users"
	auth.require = ("" => ("method" => "basic", "realm" => "dav", "require" => "valid-user"))
	webdav.activate = "enable"
	\$HTTP["url"] =~ "^/ro/" { webdav.is-readonly = "enable" }
	\$SERVER["socket"] == "127.0.0.1:$((port + 1))" { ssl.engine = "enable" ssl.pemfile = "$dir/both.pem" }
	END
	exec lighttpd -D -f conf
	;;
sftp)
	server=/usr/lib/openssh/sftp-server
	[ -x /usr/sbin/sshd ] && [ -x $server ] || exit 77
	# Where sshd wants to find an empty folder when it runs as root.
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
	for k in host id id_ro; do
		[ -e $k ] || ssh-keygen -q -t ed25519 -N '' -C "$k" -f $k
	done
	{
		cat id.pub
		echo "command=\"$server -R -d $dir\" $(cat id_ro.pub)"
	} >keys
	cat >conf <<-END
	Port $port
	ListenAddress 127.0.0.1
	HostKey $dir/host
	PidFile none
	AuthorizedKeysFile $dir/keys
	StrictModes no
	UsePAM no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	PermitRootLogin yes
	MaxStartups 100
	Subsystem sftp $server -d $dir
	END
	exec /usr/sbin/sshd -D -e -f "$dir/conf" 2>log
	;;
s3)
	node=$(command -v node) && s3rver=${S3RVER:-$SRCDIR/build/s3rver}/node_modules/s3rver/bin/s3rver.js && [ -e "$s3rver" ] ||
		exit 77
	# Its pages of a listing go on with a cipher that OpenSSL 3 counts among the old ones.
	exec "$node" --openssl-legacy-provider "$s3rver" -d "$dir/files" -a 127.0.0.1 -p "$port" --configure-bucket team >log 2>&1
	;;
esac
