using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.DependencyInjection;

/// <summary>A host in a folder of its own, which a test fills and starts or takes services from.</summary>
internal sealed class SetRig : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("reliablequeue-");
    private readonly HostApplicationBuilder builder;
    private IHost? host;
    private bool isStarted;

    public SetRig(params (string Key, string Value)[] configuration)
    {
        builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = folder.FullName });
        builder.Services.AddSingleton<Guestbook>();
        builder.Configuration.AddInMemoryCollection(configuration.Select(entry => KeyValuePair.Create<string, string?>(entry.Key, entry.Value)));
    }

    public string Folder => folder.FullName;

    public IServiceCollection Add => builder.Services;

    public IConfigurationBuilder Configuration => builder.Configuration;

    public IHost Host => host ??= builder.Build();

    public IServiceProvider Services => Host.Services;

    public static FaultyBroker NewBroker(IServiceProvider services) => new(TimeProvider.System);

    public async Task StartAsync()
    {
        await Host.StartAsync(TestContext.Current.CancellationToken);
        isStarted = true;
    }

    public QueueOptions OptionsOf(string name) => Services.GetRequiredService<IOptionsMonitor<QueueOptions>>().Get(name);

    /// <summary>All that starting complains about.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync()
    {
        try
        {
            await StartAsync();
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (host is not null)
        {
            // A host that refused to start cannot be stopped.
            await (isStarted ? host.StopAsync() : Task.CompletedTask);
            await ((IAsyncDisposable)host).DisposeAsync();
        }

        folder.Delete(recursive: true);
    }
}
