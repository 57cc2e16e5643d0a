using System.Diagnostics;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using Testcontainers.Redis;

namespace ReliableQueue.TestKit;

/// <summary>
/// A server in a container of a Docker engine on this machine. It is in the machine's own network, because tests connect servers with each other by their ports, and its
/// files are in a folder of this machine that belongs to the user of the tests.
/// </summary>
internal sealed class ContainerHost : IRedisHost
{
    private const string Image = "redis:7";

    private readonly RedisContainer container;
    private DockerClient? engine;

    public ContainerHost(string folder, params string[] arguments)
    {
        Folder = folder;
        container = Describe(new RedisBuilder(Image), folder, arguments).Build();
    }

    public string Folder { get; }

    public string? Fault => null;

    private DockerClient Engine => engine ??= (TestcontainersSettings.OS.DockerEndpointAuthConfig ?? throw new InvalidOperationException("No Docker engine answers."))
        .GetDockerClientBuilder(Guid.NewGuid()).Build();

    /// <summary>Everything the container is told.</summary>
    internal static RedisBuilder Describe(RedisBuilder builder, string folder, string[] arguments) => builder
        .WithCommand(["redis-server", .. arguments])
        .WithBindMount(folder, "/data")
        .WithCreateParameterModifier(parameters =>
        {
            parameters.HostConfig ??= new HostConfig();
            parameters.HostConfig.NetworkMode = "host";
            parameters.HostConfig.PortBindings = new Dictionary<string, IList<PortBinding>>();
            parameters.User = Output("id", "-u") + ":" + Output("id", "-g");
        })
        // The module asks the port it would have published; whoever starts a server waits for the server's own port.
        .WithWaitStrategy(Wait.ForUnixContainer());

    public async Task StartAsync()
    {
        if (engine is null)
        {
            await container.StartAsync();
        }
        else
        {
            await Engine.Containers.StartContainerAsync(container.Id, new ContainerStartParameters());
        }
    }

    // The engine's own kill: it signals the first process of the container from outside, which a signal from inside could not end.
    public async Task SignalAsync(string signal)
    {
        await Engine.Containers.KillContainerAsync(container.Id, new ContainerKillParameters { Signal = "SIG" + signal });
        if (signal is "KILL" or "TERM")
        {
            await Engine.Containers.WaitContainerAsync(container.Id);
        }
    }

    public async ValueTask DisposeAsync()
    {
        engine?.Dispose();
        await container.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Output(string program, string argument)
    {
        using var running = Process.Start(new ProcessStartInfo(program, [argument]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        return running.StandardOutput.ReadToEnd().Trim();
    }
}
