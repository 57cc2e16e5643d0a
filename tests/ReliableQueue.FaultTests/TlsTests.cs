using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>Workers that reach their Redis through TLS. Whom they trust is the system's business; here <c>SSL_CERT_FILE</c> tells them, as a container's image would.</summary>
public sealed class TlsTests
{
    private const string Password = "canary-pass";

    [Fact]
    public async Task A_worker_that_trusts_the_authority_keeps_a_long_lease_through_TLS_on_a_socket_of_its_own()
    {
        using var authority = new TestAuthority();
        var port = RedisServer.FreePort();
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, [.. authority.Serve(port), "--requirepass", Password]);
        var worker = rig.Start(
            "worker", $"Broker={Address(port)},sslHost={TestAuthority.ServerName},defaultDatabase=3", $"env:SSL_CERT_FILE={authority.RootPath}", "queue:VisibilityTimeout=00:00:04");
        await worker.ReadyAsync();
        var producer = rig.NewClient($"{rig.Address},password={Password},defaultDatabase=3", TimeSpan.FromSeconds(20));

        var message = await producer.EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return, 9000));
        await worker.DoesAsync(EffectKind.End, message);

        Assert.Single(rig.Effects(EffectKind.Start, message));
        Assert.StartsWith("health Healthy", await worker.AskAsync("health", "health "), StringComparison.Ordinal);
        Assert.DoesNotContain("renewals share", worker.Said, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, worker.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_ran_out_or_has_another_name_or_a_foreign_issuer_makes_a_worker_unhealthy_and_the_text_says_which()
    {
        using var authority = new TestAuthority();
        var (port, oldPort) = (RedisServer.FreePort(), RedisServer.FreePort());
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, [.. authority.Serve(port), "--requirepass", Password]);
        await using var old = await RedisServer.StartAsync([.. authority.Serve(oldPort, days: -1), "--requirepass", Password]);
        var trust = $"env:SSL_CERT_FILE={authority.RootPath}";
        WorkerProcess[] workers =
        [
            rig.Start("expired", $"Broker={Address(oldPort)},sslHost={TestAuthority.ServerName}", trust),
            rig.Start("name", $"Broker={Address(port)}", trust),
            rig.Start("issuer", $"Broker={Address(port)},sslHost={TestAuthority.ServerName}"),
        ];

        await Task.WhenAll(workers.Select(worker => worker.ReadyAsync()));
        var health = await Task.WhenAll(workers.Select(worker => worker.AskAsync("health", "health ")));

        Assert.All(health, text => Assert.StartsWith("health Unhealthy", text, StringComparison.Ordinal));
        Assert.All(health, text => Assert.Contains("TLS failed, and nothing was sent.", text, StringComparison.Ordinal));
        Assert.Contains("NotTimeValid", health[0], StringComparison.Ordinal);
        Assert.Contains("RemoteCertificateNameMismatch", health[1], StringComparison.Ordinal);
        Assert.Matches("PartialChain|UntrustedRoot", health[2]);
        Assert.All(workers, worker => Assert.DoesNotContain(Password, worker.Said, StringComparison.Ordinal));
    }

    private static string Address(int port) => $"{FaultRig.RedisName}:127.0.0.1:{port},ssl=true,connectTimeout=1000,connectRetry=1,password={Password}";
}
