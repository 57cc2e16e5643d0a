using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.Sqlite;

namespace ReliableQueue;

/// <summary>Makes the embedded broker.</summary>
public static class SqliteBroker
{
    /// <summary>
    /// Makes a broker on one file. Nothing is opened yet: the first call opens the file, and a file that cannot be used fails that call, not this one.
    /// Any number of brokers, in any number of processes of one machine, may use the file at once.
    /// </summary>
    /// <param name="options">Where the file is. Later changes to this object have no effect.</param>
    /// <param name="time">The clock; null: the system's. Leases run by its timestamp, which must be the same clock in every process that uses the file.</param>
    /// <param name="random">Where chance comes from; null: the system's.</param>
    /// <param name="logger">Told of damaged messages and of migrations of the file. Default: nobody.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the text names all that are.</exception>
    [Experimental("RQ001")]
    public static IQueueBroker Create(SqliteBrokerOptions options, TimeProvider? time = null, IRandomSource? random = null, ILoggerFactory? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var check = new SqliteBrokerOptionsCheck().Validate(null, options);
        if (check.Failed)
        {
            throw new ArgumentException(check.FailureMessage, nameof(options));
        }

        var environment = new BrokerEnvironment(time ?? TimeProvider.System, random ?? SystemRandomSource.Instance);
        var log = (logger ?? NullLoggerFactory.Instance).CreateLogger("ReliableQueue.Sqlite");
        return new SqliteQueueBroker(new QueueFile(options, BootId.OfThisMachine, environment, log, Migrations.Shipped));
    }
}
