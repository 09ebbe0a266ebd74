using System.Net;
using System.Net.Sockets;
using Cluster.Etcd;
using Cluster.Store;
using Cluster.Tests.Store;

namespace Cluster.Tests.Etcd;

/// <summary>Who may ask, and what a person is told who may not, or asks something else than etcd.</summary>
public sealed class EtcdAccessTests
{
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(2));

    private CancellationToken Cancel => _end.Token;

    [Fact]
    public async Task A_user_logs_in_with_a_password_and_a_wrong_one_is_denied()
    {
        await using EtcdServers servers = await EtcdServers.StartAsync(1, null, "--auth-token", "simple");
        _ = await servers.CtlAsync("user", "add", "root:secret");
        _ = await servers.CtlAsync("user", "grant-role", "root", "root");
        _ = await servers.CtlAsync("auth", "enable");
        EtcdOptions options = new() { Endpoints = servers.Endpoints };

        await using EtcdStore right = new(options with { User = "root", Password = "secret" });
        _ = await right.CommitAsync(new StoreTransaction().Put("a", "1"), Cancel);
        // Then it knows no token any more, as if each one had expired.
        _ = await servers.CtlAsync("--user", "root:secret", "auth", "disable");
        _ = await servers.CtlAsync("auth", "enable");
        Assert.Single((await right.ListAsync("a", Cancel)).Values);

        await using EtcdStore wrong = new(options with { User = "root", Password = "guess" });
        await AssertRefusedAsync(wrong, StoreErrorKind.Denied, "password");
        await using EtcdStore nobody = new(options);
        await AssertRefusedAsync(nobody, StoreErrorKind.Denied, "user");
    }

    [Fact]
    public async Task Certificates_of_both_sides_are_checked()
    {
        using TestCertificates certificates = TestCertificates.Make();
        EtcdOptions options = new()
        {
            Endpoints = [],
            AuthorityFile = certificates.Authority,
            CertificateFile = certificates.Client,
            KeyFile = certificates.ClientKey,
        };
        await using EtcdServers servers = await EtcdServers.StartAsync(
            1,
            options,
            [
                "--cert-file", certificates.Server, "--key-file", certificates.ServerKey,
                "--trusted-ca-file", certificates.Authority, "--client-cert-auth",
            ]);
        options = options with { Endpoints = servers.Endpoints };

        await using EtcdStore right = new(options);
        _ = await right.CommitAsync(new StoreTransaction().Put("a", "1"), Cancel);
        await using EtcdStore withoutCertificate = new(options with { CertificateFile = null, KeyFile = null });
        await AssertRefusedAsync(withoutCertificate, StoreErrorKind.Unavailable, "if it asks for a certificate, set cert and key");
        using TestCertificates other = TestCertificates.Make();
        await using EtcdStore ofOtherAuthority = new(options with { AuthorityFile = other.Authority });
        await AssertRefusedAsync(ofOtherAuthority, StoreErrorKind.Denied, "is not trusted: check ca");
    }

    [Fact]
    public void A_certificate_file_that_is_none_is_named()
    {
        EtcdOptions options = new() { Endpoints = [new Uri("https://127.0.0.1:1")], AuthorityFile = "/etc/hosts" };
        StoreException refused = Assert.Throws<StoreException>(() => new EtcdStore(options));
        Assert.Equal(StoreErrorKind.Invalid, refused.Kind);
        Assert.Contains("/etc/hosts", refused.Message, StringComparison.Ordinal);
        refused = Assert.Throws<StoreException>(() => new EtcdStore(options with { Endpoints = [] }));
        Assert.Contains("no endpoint", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_who_listens_and_somebody_else_are_told_apart()
    {
        await using EtcdServers servers = await EtcdServers.StartAsync();
        Uri silence = new($"http://127.0.0.1:{EtcdServers.FreePort()}");
        await using EtcdStore nobody = new(new EtcdOptions { Endpoints = [silence], Timeout = TimeSpan.FromSeconds(1) });
        await AssertRefusedAsync(nobody, StoreErrorKind.Unavailable, "refused");
        // The next endpoint serves.
        await using EtcdStore second = new(new EtcdOptions { Endpoints = [silence, .. servers.Endpoints] });
        Assert.NotNull(await second.CommitAsync(new StoreTransaction().Put("a", "1"), Cancel));
    }

    [Fact]
    public async Task A_connection_that_is_silent_ends_the_watch()
    {
        await using EtcdServers servers = await EtcdServers.StartAsync();
        using SilentProxy proxy = new(servers.Endpoints[0]);
        await using EtcdStore store = new(new EtcdOptions { Endpoints = [proxy.Endpoint], Timeout = TimeSpan.FromSeconds(1) });
        long revision = (await store.ListAsync("", Cancel)).Revision;
        Task<StoreException> watch = Assert.ThrowsAsync<StoreException>(async () =>
        {
            await foreach (IReadOnlyList<StoreChange> batch in store.WatchAsync("", revision, Cancel))
                proxy.IsSilent = true;
        });
        _ = await store.CommitAsync(new StoreTransaction().Put("a", "1"), Cancel);

        Assert.Equal(StoreErrorKind.Unavailable, (await watch).Kind);
        StoreException slow = await Assert.ThrowsAsync<StoreException>(() => store.ListAsync("", Cancel));
        Assert.Equal(StoreErrorKind.Unavailable, slow.Kind);
    }

    private async Task AssertRefusedAsync(EtcdStore store, StoreErrorKind kind, string text)
    {
        StoreException refused = await Assert.ThrowsAsync<StoreException>(() => store.ListAsync("", Cancel));
        Assert.Equal(kind, refused.Kind);
        Assert.Contains(text, refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Hands bytes on until it is silent: the connections stay, and nothing comes through, as behind a firewall that has forgotten them.
    /// </summary>
    private sealed class SilentProxy : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Uri _behind;

        public SilentProxy(Uri behind)
        {
            _behind = behind;
            _listener.Start();
            _ = AcceptAsync();
        }

        public bool IsSilent { get; set; }

        public Uri Endpoint => new($"http://{_listener.LocalEndpoint}");

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            while (true)
            {
                TcpClient near = await _listener.AcceptTcpClientAsync();
                TcpClient far = new();
                await far.ConnectAsync(_behind.Host, _behind.Port);
                _ = PassAsync(near, far);
                _ = PassAsync(far, near);
            }
        }

        private async Task PassAsync(TcpClient from, TcpClient to)
        {
            byte[] buffer = new byte[65536];
            try
            {
                for (int length; (length = await from.GetStream().ReadAsync(buffer)) > 0;)
                {
                    if (!IsSilent)
                        await to.GetStream().WriteAsync(buffer.AsMemory(0, length));
                }
            }
            catch (IOException)
            {
                // One of both ends has closed.
            }
        }
    }
}
